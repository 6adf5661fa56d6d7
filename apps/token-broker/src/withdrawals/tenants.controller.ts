import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { TenantValue } from '@relay/contracts';
import { groupTransport, type ReceivedBatch } from '@relay/kafka';
import { Log } from '@relay/service-kit';
import { FollowInvites } from '../consent/follow-invites.js';
import { Outbox } from '../publishing/outbox.js';
import { HeldShards } from '../shards/held-shards.js';
import { retryWhenAway } from '../shards/retry-when-away.js';
import { shardOf } from '../shards/shard-batch.js';
import { WithdrawTenant, withdrawnAmong } from './withdraw-tenant.js';

/** Follows the tenants: what is withdrawn or purged keeps no secret here. A suspended tenant keeps its tokens. */
@Controller()
export class TenantsController {
  constructor(
    @Inject(HeldShards) private readonly shards: HeldShards,
    @Inject(WithdrawTenant) private readonly withdraw: WithdrawTenant,
    @Inject(FollowInvites) private readonly invites: FollowInvites,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Log) private readonly log: Log,
  ) {}

  @EventPattern<string>('tenant.v1', groupTransport('token-broker'), { batch: true })
  async onTenants(@Payload() batch: ReceivedBatch<TenantValue>): Promise<void> {
    const tenants = batch.messages.flatMap(({ value }) => (value === null ? [] : [value]));
    await retryWhenAway(() => this.shards.commit(shardOf(batch), (tx) => this.invites.run(tx, tenants, Date.now())));
    const withdrawn = withdrawnAmong(tenants);
    for (const [tenantId, at] of withdrawn) {
      await retryWhenAway(async () => {
        const held = shardOf(batch);
        const messages = await this.shards.commitFor(held, tenantId, (tx) =>
          this.withdraw.begin(tx, tenantId, at, held.shard, Date.now()),
        );
        if (messages.length > 0) this.log.info({ tenantId }, 'secrets of a withdrawn tenant destroyed');
        this.outbox.publish(messages);
      });
    }
  }
}
