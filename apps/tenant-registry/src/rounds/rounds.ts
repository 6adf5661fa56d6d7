import type { Log } from '@relay/service-kit';

export interface RoundsOptions {
  readonly everyMs: number;
  /** One round. What it throws is logged; the next round tries again. */
  work(): Promise<void>;
  readonly log: Pick<Log, 'warn'>;
  /** What is logged when a round fails. */
  readonly failure: string;
}

/** Work that time alone brings about: at the start and then at a pace, never two rounds at once. */
export class Rounds {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;

  constructor(private readonly options: RoundsOptions) {}

  start(): void {
    this.timer = setInterval(() => this.goSoon(), this.options.everyMs);
    this.goSoon();
  }

  /** Begins no other round and waits for the one that goes on. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  private goSoon(): void {
    this.running ??= this.go().finally(() => (this.running = null));
  }

  private async go(): Promise<void> {
    try {
      await this.options.work();
    } catch (error) {
      this.options.log.warn({ err: error }, this.options.failure);
    }
  }
}
