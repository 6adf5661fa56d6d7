/** So many of the last calls are looked at. */
const LOOKED_AT = 20;
const LOOKED_BACK_MS = 600_000;
/** Then it is no gateway: those few are away themselves, all at once. */
const LONGEST_MS = 1_800_000;
/** Fewer that fail together may be one power cut. */
const LEAST_FAILING = 5;
const FAILING_SHARE = 0.8;

interface Failure {
  readonly tenantId: string;
  readonly at: number;
}

/**
 * Tells a fault of the gateway that all tenants share from those of single servers: when nearly all of the last calls to
 * servers that had answered before have failed, of different tenants, it is nobody's own. Until somebody answers again, or
 * for half an hour: a few practices that close at the same minute look the same.
 */
export class GatewayOutage {
  /** The last failures, each of another tenant, oldest first. */
  private failures: Failure[] = [];
  /** When the calls were made that were answered last, in a ring: they are many, and nothing else is to be known of them. */
  private readonly answers = new Float64Array(LOOKED_AT).fill(-Infinity);
  private answerAt = 0;
  private outFrom: number | null = null;
  private isGivenUp = false;

  get since(): number | null {
    return this.outFrom;
  }

  /** Since when it is out, ms; null: it is not. */
  outSince(now: number): number | null {
    if (this.outFrom !== null && now - this.outFrom > LONGEST_MS) {
      this.outFrom = null;
      this.isGivenUp = true;
    }
    return this.outFrom;
  }

  /**
   * A call that was made at that instant was answered. One that a slow server was given before the outage says nothing of it,
   * however late its answer comes.
   */
  answered(askedAt: number): void {
    if (this.outFrom === null || askedAt >= this.outFrom) {
      this.outFrom = null;
      this.isGivenUp = false;
    }
    this.answers[this.answerAt] = askedAt;
    this.answerAt = (this.answerAt + 1) % LOOKED_AT;
  }

  /** A call to a tenant that had answered before has failed. Returns the tenants to be forgiven when that shows an outage. */
  failed(tenantId: string, now: number): readonly string[] | null {
    if (this.outSince(now) !== null || this.isGivenUp) return null;
    // A tenant that fails again is no further tenant; but it fails now: two outages within minutes are two.
    const others = this.failures.filter((one) => one.tenantId !== tenantId && now - one.at < LOOKED_BACK_MS);
    this.failures = [...others, { tenantId, at: now }].slice(-LOOKED_AT);
    const failing = this.lastFailing(now);
    if (failing === null) return null;
    this.outFrom = failing[0]?.at ?? now;
    return failing.map((one) => one.tenantId);
  }

  /** The failures among the last calls, when they are nearly all of them. */
  private lastFailing(now: number): readonly Failure[] | null {
    const answered = [...this.answers].filter((at) => now - at < LOOKED_BACK_MS);
    const outcomes = [
      ...this.failures.map(({ at }) => ({ at, failed: 1 })),
      ...answered.map((at) => ({ at, failed: 0 })),
    ];
    // Of the same instant the failures count as later.
    const last = outcomes.sort((a, b) => a.at - b.at || a.failed - b.failed).slice(-LOOKED_AT);
    const failed = last.reduce((sum, one) => sum + one.failed, 0);
    if (failed < LEAST_FAILING || failed < FAILING_SHARE * last.length) return null;
    return this.failures.slice(-failed);
  }
}
