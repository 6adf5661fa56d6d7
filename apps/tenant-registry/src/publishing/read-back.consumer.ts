import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { groupTransport, type ReceivedBatch } from '@relay/kafka';
import { faultPoint } from '@relay/service-kit';
import { readBackGroup, readBackHandler } from '@relay/state-topic';
import { TenantPublisher } from './tenant-publisher.js';

export const READ_BACK_GROUP = readBackGroup('tenant-registry');

/** Reads `tenant.v1` back: what was sent counts as published only when it is seen here. */
@Controller()
export class ReadBackConsumer {
  private readonly handle: (batch: ReceivedBatch<unknown>) => Promise<void>;

  constructor(publisher: TenantPublisher) {
    this.handle = readBackHandler(publisher.topic);
  }

  @EventPattern<string>('tenant.v1', groupTransport(READ_BACK_GROUP), { batch: true })
  async onSeen(@Payload() batch: ReceivedBatch<unknown>): Promise<void> {
    await this.handle(batch);
    await faultPoint('tenant-registry:after-seen');
  }
}
