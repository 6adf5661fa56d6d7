import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Database } from '@relay/database';
import { groupTransport, type ReceivedBatch } from '@relay/kafka';
import { faultPoint } from '@relay/service-kit';
import { readBackGroup, readBackHandler } from '@relay/state-topic';
import { spoilOvertaken } from '../persistence/overtaken-tokens.js';
import { retryWhenAway } from '../shards/retry-when-away.js';
import { DueWorker } from '../work/due-worker.js';
import { Outbox } from './outbox.js';

/** Reads this service's own topics back: published means seen in the log. */
@Controller()
export class ReadBackController {
  private readonly onCredentialsSeen;
  private readonly onTokensSeen;

  constructor(
    @Inject(Outbox) outbox: Outbox,
    @Inject(Database) private readonly database: Database,
    @Inject(DueWorker) private readonly worker: DueWorker,
  ) {
    this.onCredentialsSeen = readBackHandler(outbox.topic('credential.v1'));
    this.onTokensSeen = readBackHandler(outbox.topic('token.v1'));
  }

  @EventPattern<string>('credential.v1', groupTransport(readBackGroup('token-broker')), { batch: true })
  async onCredentials(@Payload() batch: ReceivedBatch<unknown>): Promise<void> {
    await this.onCredentialsSeen(batch);
    await faultPoint('token-broker:after-seen');
  }

  @EventPattern<string>('token.v1', groupTransport(readBackGroup('token-broker')), { batch: true })
  async onTokens(@Payload() batch: ReceivedBatch<unknown>): Promise<void> {
    await this.onTokensSeen(batch);
    const keys = batch.messages.map(({ key }) => key);
    if ((await retryWhenAway(() => spoilOvertaken(this.database, keys))) > 0) this.worker.kick();
  }
}
