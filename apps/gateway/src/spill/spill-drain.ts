import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Database } from '@relay/database';
import { KafkaSendError, RelayKafka, controlMessage } from '@relay/kafka';
import { Log, Metrics, faultPoint } from '@relay/service-kit';
import {
  countSpilled,
  dropSpilled,
  lockDrain,
  oldestOfEachTenant,
  type SpilledRow,
} from '../persistence/spill-rows.js';
import { SpillDatabase } from './spill-database.js';

const EVERY_MS = 2000;
/** Tenants served at once. */
const BATCH = 50;
/** Shorter than the database lets a transaction idle: the lock is held while messages are sent. */
const SEND_DEADLINE_MS = 3000;

/**
 * Carries registrations from the spill to Kafka once it takes messages again: in order for each tenant, by one process at
 * a time. A message may be sent twice, and after a newer one of its tenant that went straight to Kafka: whoever reads them
 * goes by the time of receipt, which each message carries.
 */
@Injectable()
export class SpillDrain implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopping = false;
  private failing = false;
  private readonly waiting;
  private readonly drainedTotal;

  constructor(
    @Inject(SpillDatabase) private readonly databases: SpillDatabase,
    @Inject(RelayKafka) private readonly kafka: RelayKafka,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.waiting = metrics.gauge({
      name: 'relay_gateway_spill_waiting',
      help: 'Registrations in the spill when it was last looked at',
      labelNames: [],
    });
    this.drainedTotal = metrics.counter({
      name: 'relay_gateway_drained_total',
      help: 'Registrations that Kafka has taken from the spill',
      labelNames: [],
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.drain().finally(() => (this.running = null));
    }, EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  private async drain(): Promise<void> {
    const { database } = this.databases;
    if (database === null) return;
    try {
      let left = await countSpilled(database);
      while (left > 0 && !this.stopping) {
        this.waiting.set(left);
        if ((await this.moveSome(database)) === 0) return;
        left = await countSpilled(database);
      }
      this.waiting.set(left);
      if (this.failing) this.log.info({}, 'the spill is drained again');
      this.failing = false;
    } catch (error) {
      // Everything stays where it is; the next look tries again.
      if (!this.failing) this.log.warn({ err: error }, 'the spill cannot be drained now');
      this.failing = true;
    }
  }

  /** Sends the oldest of each tenant and deletes what Kafka has acknowledged. Returns how many those were. */
  private moveSome(database: Database): Promise<number> {
    return database.transaction(async (tx) => {
      if (!(await lockDrain(tx))) return 0;
      const rows = await oldestOfEachTenant(tx, BATCH);
      const sent = (await Promise.all(rows.map((row) => this.send(row)))).filter((row) => row !== null);
      if (sent.length === 0) return 0;
      await faultPoint('gateway:after-drain-send');
      await dropSpilled(tx, sent);
      this.drainedTotal.inc(sent.length);
      this.log.info({ count: sent.length }, 'registrations went from the spill to Kafka');
      return sent.length;
    });
  }

  /** Null: Kafka has not acknowledged it. */
  private async send(row: SpilledRow): Promise<SpilledRow | null> {
    const { topic, value } = row;
    const message = controlMessage(this.kafka.partitions, topic, value.tenantId, value.credentialId, value);
    try {
      await this.kafka.producer('control').send(message, { deadlineMs: SEND_DEADLINE_MS });
      return row;
    } catch (error) {
      if (!(error instanceof KafkaSendError)) throw error;
      if (!this.failing) this.log.warn({ topic, err: error }, 'the spill waits: Kafka does not take its messages');
      this.failing = true;
      return null;
    }
  }
}
