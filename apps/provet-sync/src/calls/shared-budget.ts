import { WindowBudget, type Taken } from '@relay/http-client';
import { WORK_CLASSES, WORK_SHARES, type WorkClass } from '@relay/sync-engine';

export interface SharedBudgetOptions {
  readonly limit: number;
  readonly windowMs: number;
  /** Share (0–1) of the limit that only live work may use, whether there is any or not. */
  readonly liveReserve: number;
}

/** Who was refused comes again when it was told to; a little later it is taken to have nothing to do any more. */
const LATE_MS = 2_000;
/** Who is refused for the sake of others asks again this soon: they may have had enough, or be gone. */
const CLAIM_WAIT_MS = 2_000;

interface Claim {
  /** What it was refused last. */
  readonly weight: number;
  readonly since: number;
  /** Believed until then. */
  readonly until: number;
}

interface ClassUse {
  readonly spent: { readonly at: number; readonly weight: number }[];
  used: number;
  claim: Claim | null;
}

/**
 * One limit of the vendor, shared by the classes of work (`WORK_SHARES`). A class that has had less than its share of the
 * window takes whatever room there is; one that has had more leaves room for the claims of those that were refused. So each
 * class that has work comes to its share within a window or two, and what nobody claims goes to whoever asks.
 */
export class SharedBudget {
  private readonly window: WindowBudget;
  private readonly uses = new Map<WorkClass, ClassUse>(
    WORK_CLASSES.map((work) => [work, { spent: [], used: 0, claim: null }]),
  );

  constructor(private readonly options: SharedBudgetOptions) {
    this.window = new WindowBudget(options);
  }

  /** Takes `weight` for a class of work now, or says when it is worth asking again. */
  take(weight: number, now: number, work: WorkClass): Taken {
    const use = this.useOf(work, now);
    const claims = this.claimsBeside(work, now);
    // Others never touch the reserve: what live work leaves to them must lie outside of it.
    const reserve = work === 'live' && claims === 0 ? 0 : this.options.limit * this.options.liveReserve;
    const taken = this.window.take(weight, now, reserve + claims);
    if (taken.ok) {
      use.spent.push({ at: now, weight });
      use.used += weight;
      // Who had to wait has more to do, as a rule: what it has a right to is not given away between two pieces.
      if (use.claim !== null) use.claim = use.claim.until < now ? null : { weight, since: now, until: now + LATE_MS };
      return taken;
    }
    const waitMs = claims > 0 ? Math.min(taken.waitMs, CLAIM_WAIT_MS) : taken.waitMs;
    this.refused(work, weight, now, waitMs);
    return { ok: false, waitMs };
  }

  /** A class was refused, here or by another rule, and comes again after `waitMs`. */
  refused(work: WorkClass, weight: number, now: number, waitMs: number): void {
    const use = this.useOf(work, now);
    const since = use.claim !== null && use.claim.until >= now ? use.claim.since : now;
    use.claim = { weight, since, until: now + waitMs + LATE_MS };
  }

  /** See `WindowBudget.spentElsewhere`. It counts for no class of work. */
  spentElsewhere(weight: number, at: number): void {
    this.window.spentElsewhere(weight, at);
  }

  /** See `WindowBudget.correct`. */
  correct(retryAfterMs: number, now: number): void {
    this.window.correct(retryAfterMs, now);
  }

  /** What a class has to leave to others. */
  private claimsBeside(work: WorkClass, now: number): number {
    const own = this.useOf(work, now);
    const isBelowShare = own.used < this.shareOf(work);
    let sum = 0;
    for (const other of WORK_CLASSES) {
      if (other === work) continue;
      const { claim, used } = this.useOf(other, now);
      if (claim === null || claim.until < now) continue;
      if (isBelowShare && !this.isBefore(claim, own.claim, now)) continue;
      const open = this.shareOf(other) - used;
      // A piece larger than what is open needs room as a whole.
      if (open > 0) sum += Math.max(open, claim.weight);
    }
    return sum;
  }

  /**
   * Small pieces of one class must not take for ever what a large piece of another waits for: after a whole window it goes
   * before everybody who has waited less.
   */
  private isBefore(claim: Claim, own: Claim | null, now: number): boolean {
    return now - claim.since > this.options.windowMs && claim.since < (own?.since ?? now);
  }

  private shareOf(work: WorkClass): number {
    return this.options.limit * WORK_SHARES[work];
  }

  private useOf(work: WorkClass, now: number): ClassUse {
    const use = this.uses.get(work) as ClassUse;
    while (use.spent.length > 0 && (use.spent[0] as { at: number }).at < now - this.options.windowMs) {
      use.used -= (use.spent.shift() as { weight: number }).weight;
    }
    if (use.spent.length === 0) use.used = 0;
    return use;
  }
}
