import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { AuditValue } from '@relay/contracts';
import type { ReceivedBatch } from '@relay/kafka';
import { RegistryChanges } from '../changes/registry-changes.js';
import { AuditLog } from '../persistence/audit-log.js';

/** Reads `audit.v1`, of all services: kept for `GET /audit`. */
@Controller()
export class AuditConsumer {
  constructor(
    private readonly changes: RegistryChanges,
    private readonly audit: AuditLog,
  ) {}

  @EventPattern<string>('audit.v1', undefined, { batch: true })
  async onEntries(@Payload() { partition, messages }: ReceivedBatch<AuditValue>): Promise<void> {
    const entries = messages.flatMap(({ offset, value }) =>
      value === null ? [] : [{ partition, offset: String(offset), value }],
    );
    await this.changes.read(() => this.audit.keep(entries));
  }
}
