import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { SyncStatusValue } from '@relay/contracts';
import type { ReceivedBatch } from '@relay/kafka';
import { RegistryChanges } from '../changes/registry-changes.js';
import { judgeTenant, keepStatuses } from './apply-statuses.js';

/** Reads `sync-status.v1`: kept for the admin API, and heard where it speaks of a tenant as a whole. */
@Controller()
export class SyncStatusConsumer {
  constructor(private readonly changes: RegistryChanges) {}

  @EventPattern<string>('sync-status.v1', undefined, { batch: true })
  async onStatuses(@Payload() batch: ReceivedBatch<SyncStatusValue>): Promise<void> {
    const concerned = await this.changes.run((set) => keepStatuses(set, batch.messages));
    for (const tenantId of concerned) await this.changes.run((set) => judgeTenant(set, tenantId));
  }
}
