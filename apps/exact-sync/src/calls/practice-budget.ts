import type { Metrics } from '@relay/service-kit';
import { KeptSpending, SpendingAccount, UNKEPT_SHARE, type WorkClass } from '@relay/sync-engine';

const MINUTE = 60_000;
/** A whole hour and the minute under way: what is counted is never more than what an hour may hold. */
const KEPT = 61;

/** What the calls of a practice are for, as far as each has a share of its own. */
type Share = 'present' | 'first-reading' | 'sweeps';

/**
 * The most of an hour's calls that each may take. A first reading leaves half to what happens now, sweeps leave two thirds:
 * both together never stop the polls of near appointments. What happens now may take all that is left.
 */
const MOST_OF_HOUR: Record<Share, number> = { present: 1, 'first-reading': 0.5, sweeps: 0.3 };
/** What happens now takes a fifth of the hour in ten minutes at most: a practice that takes many calls is asked all hour long. */
const SMOOTH_MINUTES = 10;
const MOST_AT_ONCE = 0.2;
const SHARES = Object.keys(MOST_OF_HOUR) as Share[];
/** Calls of another process that it did not live to tell of: of no known share, and counted for the whole hour alone. */
const COUNTED = [...SHARES, 'untold'] as const;
/** No less than this may be called beyond what is kept. */
const LEAST_UNKEPT = 2;
/** Owners may change often: so much of the cap is set aside for what they have not told, and no more. */
const MOST_UNTOLD = 0.3;
/** Kept by ten minutes, as if all had been in the last of them: they count a little longer, never shorter. */
const KEPT_MINUTES = 10;
const NOTHING_KEPT: KeptCalls = { minute: 0, by: { present: [], 'first-reading': [], sweeps: [], untold: [] } };

function shareOf(work: WorkClass): Share {
  switch (work) {
    case 'live':
    case 'command':
    case 'reconcile':
      return 'present';
    case 'backfill':
      return 'first-reading';
    case 'sweep':
      return 'sweeps';
    default:
      return work satisfies never;
  }
}

/** Calls by minute, newest last. */
interface Counted {
  /** Minute since the epoch of the last count. */
  minute: number;
  readonly by: Record<(typeof COUNTED)[number], Uint16Array>;
  /** Of all calls, of this process since it has the practice. */
  account: SpendingAccount;
}

/** What is kept of a practice's calls where it outlives the process: ten minutes each, newest first, up to a minute. */
export interface KeptCalls {
  /** Minute since the epoch. */
  readonly minute: number;
  readonly by: Readonly<Record<(typeof COUNTED)[number], readonly number[]>>;
}

/** Calls to each practice's server: at most so many in any hour, with a share for each kind of work. */
export class PracticeBudget extends KeptSpending<KeptCalls> {
  private readonly practices = new Map<string, Counted>();
  private readonly putOff = { present: 0, 'first-reading': 0, sweeps: 0 };
  private tidiedAt = 0;

  constructor(readonly perHour: number) {
    super();
  }

  /** Null: the call may be made, and is counted. Else how long to wait, ms. */
  take(tenantId: string, work: WorkClass, now: number): number | null {
    const counted = this.at(tenantId, now);
    const share = shareOf(work);
    const keepingMs = this.waitForKeeping(tenantId, counted.account, 1, now);
    if (keepingMs > 0) return keepingMs;
    const waitMs = this.waitFor(counted, share, now);
    if (waitMs !== null) {
      this.putOff[share] += 1;
      return waitMs;
    }
    const minutes = counted.by[share];
    minutes[KEPT - 1] = (minutes[KEPT - 1] ?? 0) + 1;
    this.spend(tenantId, counted.account, 1, now);
    return null;
  }

  /** A call that was counted was not made. */
  giveBack(tenantId: string, work: WorkClass, now: number): void {
    const counted = this.at(tenantId, now);
    const minutes = counted.by[shareOf(work)];
    const last = minutes.findLastIndex((count) => count > 0);
    if (last < 0) return;
    minutes[last] = (minutes[last] ?? 0) - 1;
    counted.account.giveBack(1);
  }

  told(tenantId: string, now: number): KeptCalls {
    if (!this.practices.has(tenantId)) return NOTHING_KEPT;
    const { minute, by, account } = this.at(tenantId, now);
    const kept = Object.fromEntries(COUNTED.map((name) => [name, tens(by[name])])) as unknown as KeptCalls['by'];
    return this.mark({ minute, by: kept }, account.tenure, [account]);
  }

  /**
   * A practice is taken over, from another process or from before a restart: what was kept counts, and a tenth of the cap
   * for what that process could not tell any more. `kept`: what `told` once gave, or anything; null: nobody had it before.
   */
  takeOver(tenantId: string, kept: unknown, now: number): void {
    if (!Number.isFinite(this.perHour) || kept === null) return;
    const counted = this.at(tenantId, now);
    const { by, minute } = counted;
    if (isKept(kept)) this.addKept(by, kept, minute);
    const isFree = sum(by.untold) + this.perHour * UNKEPT_SHARE <= this.perHour * MOST_UNTOLD;
    if (isFree) by.untold[KEPT - 1] = (by.untold[KEPT - 1] ?? 0) + Math.floor(this.perHour * UNKEPT_SHARE);
    // Nothing is called before this is kept, or the one after this owner would not know what the one before has not told.
    counted.account = this.newAccount(false);
  }

  /** What was here before is not counted twice. */
  private addKept(by: Counted['by'], kept: KeptCalls, minute: number): void {
    for (const name of COUNTED) {
      for (const [ago, count] of kept.by[name].entries()) {
        const last = KEPT - 1 - Math.max(0, minute - kept.minute) - ago * KEPT_MINUTES;
        if (last < 0) break;
        const known = sum(by[name].subarray(Math.max(0, last - KEPT_MINUTES + 1), last + 1));
        by[name][last] = (by[name][last] ?? 0) + Math.max(0, count - known);
      }
    }
  }

  /** Calls of a practice in the last hour; of one share, or of all. */
  used(tenantId: string, now: number, share?: Share): number {
    if (!this.practices.has(tenantId)) return 0;
    const { by } = this.at(tenantId, now);
    return (share === undefined ? SHARES : [share]).reduce((all, name) => all + sum(by[name]), 0);
  }

  /** The most that a practice was called in the last hour. */
  most(now: number): number {
    let most = 0;
    for (const tenantId of this.practices.keys()) most = Math.max(most, this.used(tenantId, now));
    return most;
  }

  watch(metrics: Metrics, now: () => number = Date.now): void {
    const { perHour, putOff } = this;
    const most = (): number => this.most(now());
    metrics.gauge({
      name: 'relay_exact_practice_calls_hour',
      help: 'Calls in the last hour: the most that one practice got, and how many it may get',
      labelNames: ['of'],
      collect() {
        this.set({ of: 'most' }, most());
        this.set({ of: 'cap' }, perHour);
      },
    });
    metrics.gauge({
      name: 'relay_exact_calls_put_off',
      help: 'Calls that were put off since the start because their share of the practice’s hour was used up',
      labelNames: ['share'],
      collect() {
        for (const share of SHARES) this.set({ share }, putOff[share]);
      },
    });
  }

  private waitFor({ by }: Counted, share: Share, now: number): number | null {
    const untilNext = MINUTE - (now % MINUTE);
    const waits: number[] = [];
    /** Until so many minutes' counts have left that one more fits. */
    const holdTo = (most: number, shares: readonly (typeof COUNTED)[number][], minutes: number): void => {
      let used = shares.reduce((all, name) => all + sum(by[name].subarray(KEPT - minutes)), 0);
      for (let oldest = KEPT - minutes; used + 1 > most && oldest < KEPT; oldest += 1) {
        used -= shares.reduce((all, name) => all + (by[name][oldest] ?? 0), 0);
        if (used + 1 <= most || oldest === KEPT - 1) waits.push(untilNext + (oldest - (KEPT - minutes)) * MINUTE);
      }
    };
    holdTo(this.perHour, COUNTED, KEPT);
    if (share !== 'present') holdTo(Math.max(1, this.perHour * MOST_OF_HOUR[share]), [share], KEPT);
    else holdTo(Math.max(1, this.perHour * MOST_AT_ONCE), [share], SMOOTH_MINUTES);
    return waits.length === 0 ? null : Math.max(...waits);
  }

  private at(tenantId: string, now: number): Counted {
    const minute = Math.floor(now / MINUTE);
    if (now - this.tidiedAt > 60 * MINUTE) this.tidy(minute, now);
    let counted = this.practices.get(tenantId);
    if (counted === undefined) {
      const fresh = (): Uint16Array => new Uint16Array(KEPT);
      const by = { present: fresh(), 'first-reading': fresh(), sweeps: fresh(), untold: fresh() };
      counted = { minute, by, account: this.newAccount(true) };
      this.practices.set(tenantId, counted);
    }
    const passed = Math.min(KEPT, minute - counted.minute);
    if (passed > 0) {
      for (const share of COUNTED) {
        counted.by[share].copyWithin(0, passed);
        counted.by[share].fill(0, KEPT - passed);
      }
      counted.minute = minute;
    }
    return counted;
  }

  private newAccount(isKept: boolean): SpendingAccount {
    return new SpendingAccount({ isKept }, Math.max(LEAST_UNKEPT, Math.ceil(this.perHour * UNKEPT_SHARE)));
  }

  /** Forgets practices that nobody has called for longer than what is counted. */
  private tidy(minute: number, now: number): void {
    this.tidiedAt = now;
    for (const [tenantId, counted] of this.practices)
      if (minute - counted.minute > KEPT) this.practices.delete(tenantId);
  }
}

/** Sums of ten minutes each, newest first. */
function tens(minutes: Uint16Array): number[] {
  const sums: number[] = [];
  for (let end = KEPT; end > 0; end -= KEPT_MINUTES)
    sums.push(sum(minutes.subarray(Math.max(0, end - KEPT_MINUTES), end)));
  return sums;
}

function isKept(value: unknown): value is KeptCalls {
  const { minute, by } = (value ?? {}) as Partial<KeptCalls>;
  const isCount = (count: unknown): boolean => Number.isInteger(count) && Number(count) >= 0;
  return isCount(minute) && COUNTED.every((name) => Array.isArray(by?.[name]) && by[name].every(isCount));
}

function sum(minutes: Uint16Array): number {
  let all = 0;
  for (const count of minutes) all += count;
  return all;
}
