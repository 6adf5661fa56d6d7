/** What was asked for did not come in time; whether it still happens is not known. */
export class TooLate extends Error {
  readonly code = 'too-late';
  readonly retryable = true;

  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
    this.name = 'TooLate';
  }
}

/** Waits no longer than the deadline, then throws {@link TooLate}; the work itself goes on. */
export async function inTime<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TooLate(deadlineMs)), deadlineMs);
  // Nobody hears of a failure that comes after the deadline.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
