/** So many of the last calls are looked at. */
const LOOKED_AT = 20;
const LOOKED_BACK_MS = 180_000;
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
 * servers that had answered before have failed, of different tenants, it is nobody's own. Until somebody answers again.
 */
export class GatewayOutage {
  private recent: Outcome[] = [];
  private since: number | null = null;

  /** Since when it is out, ms; null: it is not. */
  get outSince(): number | null {
    return this.since;
  }

  answered(tenantId: string, now: number): void {
    this.since = null;
    this.add({ tenantId, at: now, failed: false });
  }

  /** A call to a tenant that had answered before has failed. Returns the tenants to be forgiven when that shows an outage. */
  failed(tenantId: string, now: number): readonly string[] | null {
    if (this.since !== null) return null;
    this.add({ tenantId, at: now, failed: true });
    const failing = this.recent.filter(({ failed }) => failed);
    if (failing.length < LEAST_FAILING || failing.length < FAILING_SHARE * this.recent.length) return null;
    this.since = failing[0]?.at ?? now;
    return failing.map((one) => one.tenantId);
  }

  /** A tenant counts once, with what was met last. */
  private add(outcome: Outcome): void {
    const isYoung = ({ at, tenantId }: Outcome): boolean =>
      outcome.at - at < LOOKED_BACK_MS && tenantId !== outcome.tenantId;
    this.recent = [...this.recent.filter(isYoung), outcome].slice(-LOOKED_AT);
  }
}
