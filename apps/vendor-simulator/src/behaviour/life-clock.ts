import type { ExactTwin, ProvetTwin } from '@relay/vendor-twins';

/** Lets both vendors change by themselves: one change each, every `paceMs`. */
export class LifeClock {
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly provet: ProvetTwin,
    private readonly exact: ExactTwin,
    private paceMs: number,
  ) {}

  get running(): boolean {
    return this.#timer !== null;
  }

  get seconds(): number {
    return this.paceMs / 1000;
  }

  start(paceMs = this.paceMs): void {
    this.stop();
    this.paceMs = paceMs;
    this.#timer = setInterval(() => {
      this.provet.live();
      this.exact.live();
    }, paceMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
