import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { TokenCommandValue } from '@relay/contracts';
import { groupTransport, type ReceivedBatch } from '@relay/kafka';
import { Outbox } from '../publishing/outbox.js';
import { HeldShards } from '../shards/held-shards.js';
import { retryWhenAway } from '../shards/retry-when-away.js';
import { shardOf } from '../shards/shard-batch.js';
import { DueWorker } from '../work/due-worker.js';
import { InvalidateTokens, newestRefusals } from './invalidate-tokens.js';

/** Hears from the connectors that a vendor has refused a token. */
@Controller()
export class TokenCommandsController {
  constructor(
    @Inject(HeldShards) private readonly shards: HeldShards,
    @Inject(InvalidateTokens) private readonly invalidate: InvalidateTokens,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(DueWorker) private readonly worker: DueWorker,
  ) {}

  @EventPattern<string>('token-command.v1', groupTransport('token-broker'), { batch: true })
  async onCommands(@Payload() batch: ReceivedBatch<TokenCommandValue>): Promise<void> {
    const commands = newestRefusals(batch.messages.flatMap(({ value }) => (value === null ? [] : [value])));
    if (commands.size === 0) return;
    await retryWhenAway(async () => {
      const again = await this.shards.commit(shardOf(batch), (tx) => this.invalidate.run(tx, commands, Date.now()));
      await this.outbox.publishAgain(again);
    });
    this.worker.kick();
  }
}
