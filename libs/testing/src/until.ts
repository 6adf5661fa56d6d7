import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Default 15 s. */
  readonly timeoutMs?: number;
  /** Time between two looks. Default 50 ms. */
  readonly everyMs?: number;
}

type Falsy = false | 0 | '' | null | undefined;

/**
 * Waits until `look` gives something other than false, null, undefined, 0 or '', and returns it. A look that throws counts
 * as not yet; the last answer or error is in the message of the time-out.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 50 }: UntilOptions = {},
): Promise<Exclude<T, Falsy>> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await look();
      if (value) return value as Exclude<T, Falsy>;
      last = value;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`still waiting after ${timeoutMs} ms: ${what} (last: ${describe(last)})`, { cause: last });
    }
    await delay(everyMs);
  }
}

/** Thrown by a look that knows that waiting is of no use. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}

function describe(value: unknown): string {
  if (value instanceof Error) return value.message;
  return (JSON.stringify(value) ?? String(value)).slice(0, 300);
}
