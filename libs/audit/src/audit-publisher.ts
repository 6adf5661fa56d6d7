import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@relay/database';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { Log } from '@relay/service-kit';
import { dropAudit, waitingAudit } from './audit-rows.js';

const BATCH = 200;
/** Shorter than the database lets a transaction idle: the rows stay locked while they are sent. */
const SEND_DEADLINE_MS = 3_000;
/** Finds what another replica left behind, and what could not be sent. */
const SWEEP_MS = 5_000;
/** Entries of so long go together. Longer than most transactions last: what is found then is committed. */
const GATHER_MS = 250;

/**
 * Carries audit entries from their outbox to `audit.v1`. An entry may arrive twice, never not at all. To be listed among
 * the providers of a service that has the table.
 */
@Injectable()
export class AuditPublisher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private gathering: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private isStopping = false;
  private failing = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RelayKafka) private readonly kafka: RelayKafka,
    @Inject(Log) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.publishSoon(), SWEEP_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    if (this.timer !== null) clearInterval(this.timer);
    if (this.gathering !== null) clearTimeout(this.gathering);
    await this.running;
  }

  /** An entry was written, in a transaction that may still be open: sends it in a moment, with others. */
  noteWritten(): void {
    // What is written from now on is sent by whoever runs next.
    if (this.isStopping) return;
    this.gathering ??= setTimeout(() => {
      this.gathering = null;
      this.publishSoon();
    }, GATHER_MS).unref();
  }

  /** Sends what waits. While a run goes on, one more is noted, not many. */
  publishSoon(): void {
    this.again = true;
    this.running ??= this.drain().finally(() => (this.running = null));
  }

  private async drain(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        while ((await this.sendSome()) === BATCH);
        if (this.failing) this.log.info({}, 'audit entries are published again');
        this.failing = false;
      } catch (error) {
        // The entries stay where they are; the next sweep tries again.
        if (!this.failing) this.log.warn({ err: error }, 'audit entries cannot be published now');
        this.failing = true;
      }
    }
  }

  private sendSome(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const entries = await waitingAudit(tx, BATCH);
      if (entries.length === 0) return 0;
      const producer = this.kafka.producer('control');
      await Promise.all(
        entries.map(({ messageKey, value }) =>
          producer.send(controlMessage(this.kafka.partitions, 'audit.v1', messageKey, messageKey, value), {
            deadlineMs: SEND_DEADLINE_MS,
          }),
        ),
      );
      await dropAudit(tx, entries);
      return entries.length;
    });
  }
}
