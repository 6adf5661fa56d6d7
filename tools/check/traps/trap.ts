/** A test that covers a trap. `name` is the literal that stands in its file: the title of `it`, `it.each` or `describe`. */
export interface TrapTest {
  readonly file: string;
  readonly name: string;
}

/** A handling that can be taken out of the source by one replacement, and the test that then has to fail. */
export interface Disabling {
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** What is gone then, in words. */
  readonly without: string;
  readonly fails: TrapTest;
}

/** A trap for a naive client of the vendor, and how the relay is kept out of it. */
export interface Trap {
  readonly number: number;
  readonly trap: string;
  readonly handled: string;
  /** How the vendor's twin plays it: a switch, a fault, or what it always does. */
  readonly twin: string;
  readonly tests: readonly TrapTest[];
  readonly disabled: readonly Disabling[];
}

/** The traps of one vendor's reference. */
export interface VendorTraps {
  /** As `npm run traps` takes it. */
  readonly name: string;
  readonly title: string;
  /** Numbered from 1 on. */
  readonly traps: readonly Trap[];
}

/** What was seen when a handling was disabled: the first lines of failing tests, by what was taken out. */
export type Shown = Readonly<Record<string, { readonly failed: number; readonly saw: string }>>;

/** Names a disabling in the record of what was seen; changes with it. */
export function keyOf({ file, find, replace, fails }: Disabling): string {
  return `${file}: ${find} → ${replace} (${fails.file})`;
}
