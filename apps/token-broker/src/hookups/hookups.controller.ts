import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { HookupValue } from '@relay/contracts';
import { RelayKafka, controlMessage, groupTransport, type Received, type ReceivedBatch } from '@relay/kafka';
import { OpeningKeys } from '@relay/sealing';
import { Log, faultPoint } from '@relay/service-kit';
import { CandidateAlarm } from '../credentials/candidate-alarm.js';
import { RegisterCredential } from '../credentials/register-credential.js';
import { Outbox } from '../publishing/outbox.js';
import { HeldShards, type HeldShard } from '../shards/held-shards.js';
import { retryWhenAway } from '../shards/retry-when-away.js';
import { shardOf } from '../shards/shard-batch.js';
import { DueWorker } from '../work/due-worker.js';
import { readHookup } from './read-hookup.js';

/**
 * Takes registrations over from the topic: opened, stored encrypted, and only then tombstoned, so that the sealed secret
 * does not outlive its purpose there and is never lost on the way.
 */
@Controller()
export class HookupsController {
  constructor(
    @Inject(RelayKafka) private readonly kafka: RelayKafka,
    @Inject(OpeningKeys) private readonly opening: OpeningKeys,
    @Inject(HeldShards) private readonly shards: HeldShards,
    @Inject(RegisterCredential) private readonly register: RegisterCredential,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(DueWorker) private readonly worker: DueWorker,
    @Inject(CandidateAlarm) private readonly alarm: CandidateAlarm,
    @Inject(Log) private readonly log: Log,
  ) {}

  @EventPattern<string>('hookup.v1', groupTransport('token-broker'), { batch: true })
  async onHookups(@Payload() batch: ReceivedBatch<HookupValue>): Promise<void> {
    const held = shardOf(batch);
    for (const message of batch.messages) await retryWhenAway(() => this.take(message, held));
  }

  private async take(message: Received<HookupValue>, held: HeldShard): Promise<void> {
    // A tombstone is our own.
    if (message.value === null) return;
    const { tenantId, credentialId, host, registration } = message.value;
    const sealed = registration.client_secret;
    const context = { topic: 'hookup.v1', tenantId, credentialId, host };
    const secret = sealed === null ? null : await this.opening.open(sealed, context);
    const connection = readHookup(message.value, secret);
    await faultPoint('token-broker:before-store');
    const { messages, failed } = await this.shards.commitFor(held, tenantId, (tx) =>
      this.register.run(tx, connection, held.shard, Date.now()),
    );
    await faultPoint('token-broker:after-store');
    this.log.info({ tenantId, credentialId }, 'registration stored');
    if (failed !== null) this.alarm.raise(connection, failed);
    this.outbox.publish(messages);
    this.worker.kick();
    const tombstone = controlMessage(this.kafka.partitions, 'hookup.v1', tenantId, message.key, null);
    await this.kafka.producer('control').send(tombstone);
    await faultPoint('token-broker:after-tombstone');
  }
}
