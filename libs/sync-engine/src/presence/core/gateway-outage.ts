/** So many of the last calls are looked at. */
const LOOKED_AT = 20;
const LOOKED_BACK_MS = 600_000;
/** Then it is no gateway: those few are away themselves, all at once. */
const LONGEST_MS = 1_800_000;
/** Fewer that fail together may be one power cut. */
const LEAST_FAILING = 5;
const FAILING_SHARE = 0.8;

interface Outcome {
  readonly tenantId: string;
  readonly at: number;
  readonly failed: boolean;
}

/**
 * Tells a fault of the gateway that all tenants share from those of single servers: when nearly all of the last calls to
 * servers that had answered before have failed, of different tenants, it is nobody's own. Until somebody answers again, or
 * for half an hour: a few practices that close at the same minute look the same.
 */
export class GatewayOutage {
  /** The last outcomes, in a ring. */
  private readonly recent: Outcome[] = [];
  private at = 0;
  private since: number | null = null;
  private isGivenUp = false;

  /** Since when it is out, ms; null: it is not. */
  outSince(now: number): number | null {
    if (this.since !== null && now - this.since > LONGEST_MS) {
      this.since = null;
      this.isGivenUp = true;
    }
    return this.since;
  }

  answered(tenantId: string, now: number): void {
    this.since = null;
    this.isGivenUp = false;
    this.add({ tenantId, at: now, failed: false });
  }

  /** A call to a tenant that had answered before has failed. Returns the tenants to be forgiven when that shows an outage. */
  failed(tenantId: string, now: number): readonly string[] | null {
    if (this.outSince(now) !== null || this.isGivenUp) return null;
    const isKnown = this.recent.some((one) => one.failed && one.tenantId === tenantId);
    // A tenant that fails again is no further tenant.
    if (!isKnown) this.add({ tenantId, at: now, failed: true });
    const young = this.recent.filter((one) => now - one.at < LOOKED_BACK_MS);
    const failing = young.filter((one) => one.failed);
    if (failing.length < LEAST_FAILING || failing.length < FAILING_SHARE * young.length) return null;
    this.since = Math.min(...failing.map((one) => one.at));
    return failing.map((one) => one.tenantId);
  }

  private add(outcome: Outcome): void {
    this.recent[this.at] = outcome;
    this.at = (this.at + 1) % LOOKED_AT;
  }
}
