const HOUR_MS = 3_600_000;
/**
 * Far above what a tenant that works, or fails, needs: a token of ten minutes is asked for seven times an hour, a candidate
 * without an answer four times after its first minutes. What is above it is a loop, and would fill the trail of all.
 */
const PER_HOUR = 60;

interface Hour {
  readonly number: number;
  told: number;
  untold: number;
}

/** Bounds how often one kind of use is told of one tenant, an hour and a process. What is left out is counted. */
export class UseBounds {
  private readonly hours = new Map<string, Hour>();
  private newest = 0;

  /** Null: not to be told. Else how many were left out since the last that was told. */
  admit(tenantId: string, action: string, now: number): number | null {
    const number = Math.floor(now / HOUR_MS);
    if (number > this.newest) this.forget(number);
    const key = `${action} ${tenantId}`;
    const last = this.hours.get(key);
    const hour = last?.number === number ? last : { number, told: 0, untold: last?.untold ?? 0 };
    this.hours.set(key, hour);
    if (hour.told === PER_HOUR) {
      hour.untold += 1;
      return null;
    }
    const { untold } = hour;
    hour.told += 1;
    hour.untold = 0;
    return untold;
  }

  /** A new hour: only what has something left to tell is remembered. */
  private forget(number: number): void {
    this.newest = number;
    for (const [key, hour] of this.hours) if (hour.untold === 0) this.hours.delete(key);
  }
}
