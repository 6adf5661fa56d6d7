import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { HookupValue } from '@relay/contracts';
import type { Connection } from '../credentials/connection.js';
import { RelayKafka, controlMessage, groupTransport, type Received, type ReceivedBatch } from '@relay/kafka';
import { OpeningKeys, SealError } from '@relay/sealing';
import { Log, faultPoint } from '@relay/service-kit';
import { CandidateAlarm } from '../credentials/candidate-alarm.js';
import { RegisterCredential } from '../credentials/register-credential.js';
import { Vault } from '../persistence/vault.js';
import { Outbox } from '../publishing/outbox.js';
import { HeldShards, type HeldShard } from '../shards/held-shards.js';
import { retryWhenAway } from '../shards/retry-when-away.js';
import { shardOf } from '../shards/shard-batch.js';
import { DueWorker } from '../work/due-worker.js';
import { HookupInconsistent, readHookup } from './read-hookup.js';

/**
 * Takes registrations over from the topic: opened, stored encrypted, and only then tombstoned, so that the sealed secret
 * does not outlive its purpose there and is never lost on the way.
 */
@Controller()
export class HookupsController {
  /** By shard: the last message that was refused and told of. It is tried a few times more before it is put aside. */
  private readonly refused = new Map<number, bigint>();

  constructor(
    @Inject(RelayKafka) private readonly kafka: RelayKafka,
    @Inject(OpeningKeys) private readonly opening: OpeningKeys,
    @Inject(Vault) private readonly vault: Vault,
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
    const { tenantId, credentialId } = message.value;
    const connection = await this.read(message.value, message.offset, held);
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

  /** What cannot be opened, or does not agree with itself, is told before the message is put aside. */
  private async read(value: HookupValue, offset: bigint, held: HeldShard): Promise<Connection> {
    const { tenantId, credentialId, host, registration } = value;
    const sealed = registration.client_secret;
    const context = { topic: 'hookup.v1', tenantId, credentialId, host };
    try {
      return readHookup(value, sealed === null ? null : await this.opening.open(sealed, context));
    } catch (error) {
      if (!(error instanceof SealError || error instanceof HookupInconsistent)) throw error;
      if (this.refused.get(held.shard) === offset) throw error;
      const note = { action: 'registration-refused', tenantId, reason: error.code, detail: { credentialId } } as const;
      await this.shards.commit(held, (tx) => this.vault.audit.used(tx, note));
      this.refused.set(held.shard, offset);
      throw error;
    }
  }
}
