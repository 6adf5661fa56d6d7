import { describe, expect, it } from 'vitest';
import { KeptSpending } from './kept-spending.js';
import { SpendingAccount } from './spending-account.js';

const TENANT = 'a';
const MOST_UNKEPT = 10;

interface Total {
  readonly total: number;
}

/** A budget without a limit: what is kept of it is how much was ever spent. */
class Counter extends KeptSpending<Total> {
  private account = new SpendingAccount({ isKept: true }, MOST_UNKEPT);
  private total = 0;

  take(weight = 1): boolean {
    if (this.waitForKeeping(TENANT, this.account, weight, 0) > 0) return false;
    this.total += weight;
    this.spend(TENANT, this.account, weight, 0);
    return true;
  }

  giveBack(): void {
    this.total -= 1;
    this.account.giveBack(1);
  }

  told(): Total {
    return this.mark({ total: this.total }, this.account.tenure, [this.account]);
  }

  takeOver(_tenantId: string, kept: Total | null | undefined): void {
    this.total = kept?.total ?? 0;
    this.account = new SpendingAccount({ isKept: false }, MOST_UNKEPT);
  }

  /** Spends until it has to wait; how much that was. */
  spendAll(): number {
    for (let spent = 0; spent < 1_000; spent += 1) if (!this.take()) return spent;
    throw new Error('there is no end to it');
  }
}

/** One whose accounts are kept only when a test says so. */
function unkept() {
  const counter = new Counter();
  const asked: Total[] = [];
  const book = counter.book(() => 0);
  book.onUnkept(() => void asked.push(counter.told()));
  return { counter, asked, book };
}

describe('spending that is kept', () => {
  it('goes on for so much beyond what is kept, and asks to be kept at half of that', () => {
    const { counter, asked, book } = unkept();
    for (let spent = 0; spent < MOST_UNKEPT / 2 - 1; spent += 1) counter.take();
    expect(asked).toEqual([]);
    counter.take();
    expect(asked).toEqual([{ total: MOST_UNKEPT / 2 }]);
    expect(counter.spendAll()).toBe(MOST_UNKEPT / 2);
    book.kept(asked[0]);
    expect(counter.spendAll()).toBe(MOST_UNKEPT / 2);
    book.kept(asked.at(-1));
    expect(counter.spendAll()).toBe(MOST_UNKEPT);
  });

  it('goes by the newest account that is kept, in whatever order they are, and by no other', () => {
    const { counter, asked, book } = unkept();
    counter.spendAll();
    book.kept(asked.at(-1));
    book.kept(asked[0]);
    book.kept({ total: 1_000 });
    expect(counter.spendAll()).toBe(MOST_UNKEPT);
  });

  it('has room again for what was not used', () => {
    const { counter } = unkept();
    counter.spendAll();
    counter.giveBack();
    expect(counter.spendAll()).toBe(1);
  });

  it('does not begin before the hand-over is kept, and an account of an earlier time with the tenant is not that', () => {
    const { counter, book } = unkept();
    counter.take();
    const before = book.told(TENANT);
    book.takeOver(TENANT, { total: 7 });
    expect(counter.take()).toBe(false);
    book.kept(before);
    expect(counter.take()).toBe(false);
    const told = book.told(TENANT);
    expect(told).toEqual({ total: 7 });
    book.kept(told);
    expect(counter.spendAll()).toBe(MOST_UNKEPT);
  });

  it('goes on where nobody keeps it', () => {
    const counter = new Counter();
    counter.takeOver(TENANT, null);
    for (let spent = 0; spent < 100; spent += 1) expect(counter.take()).toBe(true);
  });
});
