import type { SpendingBook } from '../ports/connector.js';
import type { SpendingAccount, Tenure } from './spending-account.js';

/**
 * Of every limit an owner may spend this share beyond what it has kept: so much less the next one begins with. A smaller
 * share would have to be kept after every few calls.
 */
export const UNKEPT_SHARE = 0.1;
/** A call that waits for its tenant's account to be kept asks again this soon. */
const KEEPING_MS = 100;

/** How far an account that was told goes. */
interface Mark {
  readonly tenure: Tenure;
  readonly spent: ReadonlyMap<SpendingAccount, number>;
}

/**
 * Budgets whose spending goes with each tenant to its next owner: most of it is kept before, what is not is bounded, and
 * counted as spent by whoever takes over. So no limit is overdrawn where a tenant changes hands, whenever and however that
 * happens (docs/decisions/0010-pace-and-shares.md). A connector's budget says what is counted, in which windows, and what is
 * to be known of it there: `Told`, JSON.
 */
export abstract class KeptSpending<Told extends object> {
  private readonly marks = new WeakMap<Told, Mark>();
  private keep: (tenantId: string, now: number) => void = (tenantId, now) => this.kept(this.told(tenantId, now));

  /** What is to be kept of a tenant now. */
  abstract told(tenantId: string, now: number): Told;

  /**
   * The tenant is this process's from now on. `kept` = what was kept of it last; null = nothing was; undefined = its owner was
   * of an earlier release, which kept no account.
   */
  abstract takeOver(tenantId: string, kept: Told | null | undefined, now: number): void;

  /** How the engine keeps it. */
  book(now: () => number): SpendingBook {
    return {
      takeOver: (tenantId, kept) => this.takeOver(tenantId, kept as Told | null | undefined, now()),
      told: (tenantId) => this.told(tenantId, now()),
      kept: (told) => this.kept(told as Told),
      onUnkept: (keep) => this.onUnkept(keep),
    };
  }

  /** What `told` has given is kept durably. */
  kept(told: Told): void {
    const mark = this.marks.get(told);
    if (mark === undefined) return;
    mark.tenure.isKept = true;
    for (const [account, spent] of mark.spent) account.keptUpTo(spent);
  }

  /** Who keeps a tenant's account when it has to be kept before more is spent. Without one it goes on unkept. */
  onUnkept(keep: (tenantId: string) => void): void {
    this.keep = keep;
  }

  /** 0 = so much may be spent of the account; else how long until it is worth asking again, ms: it is to be kept first. */
  protected waitForKeeping(tenantId: string, account: SpendingAccount, weight: number, now: number): number {
    if (!account.hasRoomFor(weight)) this.keep(tenantId, now);
    return account.hasRoomFor(weight) ? 0 : KEEPING_MS;
  }

  /** It is spent, and stands in what is told from now on. */
  protected spend(tenantId: string, account: SpendingAccount, weight: number, now: number): void {
    account.spend(weight);
    if (account.isWorthKeeping) this.keep(tenantId, now);
  }

  /** Once `told` is kept, all that was spent of these accounts until now is. */
  protected mark(told: Told, tenure: Tenure, accounts: Iterable<SpendingAccount>): Told {
    this.marks.set(told, { tenure, spent: new Map(Array.from(accounts, (account) => [account, account.spent])) });
    return told;
  }
}
