const SECOND_MS = 1000;

/**
 * Requests that the other side may count in one and the same second. When it counts one is not known here, only that it lies
 * between sending and answer. So those under way count, and those that were answered less than a second ago.
 */
export class SecondWindow {
  private underWay = 0;
  private readonly answeredAt: number[] = [];
  private entering: Promise<void> = Promise.resolve();
  private onAnswer: (() => void) | null = null;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Comes back, in the order of asking, when one more leaves no second with more than `most`; at once when the wish is withdrawn. */
  enter(most: number, signal: AbortSignal): Promise<void> {
    this.entering = this.enterAfter(this.entering, most, signal);
    return this.entering;
  }

  /** One that has entered is answered, or given up: from now on it is not counted any more by the other side. */
  answered(): void {
    this.underWay -= 1;
    this.answeredAt.push(this.now());
    this.onAnswer?.();
  }

  private async enterAfter(others: Promise<void>, most: number, signal: AbortSignal): Promise<void> {
    await others;
    while (!signal.aborted && this.counted() >= most) await this.untilLess(signal);
    this.underWay += 1;
  }

  private counted(): number {
    const gone = this.now() - SECOND_MS;
    while ((this.answeredAt[0] ?? Infinity) < gone) this.answeredAt.shift();
    return this.underWay + this.answeredAt.length;
  }

  /** Until the oldest answer is a second old; where none has come yet, until one comes: then there is a second to wait for. */
  private async untilLess(signal: AbortSignal): Promise<void> {
    const [oldest] = this.answeredAt;
    const over = new AbortController();
    await new Promise<void>((resolve) => {
      const end = (): void => resolve();
      signal.addEventListener('abort', end, { once: true, signal: over.signal });
      if (oldest === undefined) this.onAnswer = end;
      // One more than is left, since timers may be early.
      else setTimeout(end, oldest + SECOND_MS - this.now() + 1);
    });
    this.onAnswer = null;
    over.abort();
  }
}
