import type { TopicSpec } from '@relay/contracts';
import type { AdminClient } from '../admin-client.js';
import { TopicDriftError, TopicMissingError, errorText } from '../errors.js';
import type { KafkaHealthCheck, KafkaLog } from '../ports.js';
import type { KafkaSettings } from '../settings.js';
import { ensureTopics } from './topic-setup.js';

const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 5_000;

/** Keeps trying until the service's topics are there and right, however long Kafka is away; says so once a change. */
export class TopicKeeper {
  #state: 'waiting' | 'ready' = 'waiting';
  #problem: string | null = null;
  #closed = false;
  #wake: () => void = () => {};
  #running: Promise<void> | null = null;

  constructor(
    private readonly admin: AdminClient,
    private readonly specs: readonly TopicSpec[],
    private readonly settings: KafkaSettings,
    private readonly log: KafkaLog,
  ) {}

  /** Resolves when all topics are there and right; never rejects. The same promise for every caller. */
  ready(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  check(): KafkaHealthCheck {
    if (this.#state === 'ready') return { status: 'up' };
    return { status: 'down', detail: this.#problem ?? 'topics are being checked' };
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        await this.admin.run((admin) => ensureTopics(admin, this.specs, this.settings), 1);
        this.#state = 'ready';
        if (this.#problem !== null) this.log.info({ topics: this.specs.length }, 'topics are ready');
        this.#problem = null;
        return;
      } catch (error) {
        if (this.#closed) break;
        this.#report(error);
        await this.#pause(Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempt));
      }
    }
    // Closed before the topics were ready: whoever waits must not start now.
    await new Promise<void>(() => {});
  }

  #report(error: unknown): void {
    const problem = errorText(error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    const decided = error instanceof TopicDriftError || error instanceof TopicMissingError;
    if (decided) this.log.error({ code: error.code }, problem);
    else this.log.warn({ detail: problem }, 'topics cannot be set up yet; trying again');
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
