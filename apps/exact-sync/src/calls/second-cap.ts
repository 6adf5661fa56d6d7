const SECOND_MS = 1_000;

/**
 * Requests in any one second: whole ones, at least one. Places in a line are evenly spaced, but who has waited for them goes
 * when its timer does: a process that stood still for a moment has many timers to run at once.
 */
export class SecondCap {
  /** When the last requests were let go, oldest at `next`. */
  private readonly sent: Float64Array;
  private next = 0;

  constructor(perSecond: number) {
    this.sent = new Float64Array(Math.max(1, Math.floor(perSecond))).fill(-Infinity);
  }

  /** 0: go, it is counted. Else come again after this many ms. */
  take(now: number): number {
    const age = now - (this.sent[this.next] as number);
    // A clock that was put back would hold everybody for as long.
    if (age >= 0 && age < SECOND_MS) return Math.ceil(SECOND_MS - age);
    this.sent[this.next] = now;
    this.next = (this.next + 1) % this.sent.length;
    return 0;
  }
}
