/** Time, as everything that waits uses it: the system's in a service, one that only the test moves in the model. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs something once after so many milliseconds. Returns how to call it off. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
  /** Runs something once what is under way in this turn of the event loop is done. */
  soon(run: () => void): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

/** Runs something again and again, `ms` after it was last started. Returns how to end that. */
export function every(clock: Clock, ms: number, run: () => void): () => void {
  let cancel = clock.after(ms, tick);
  function tick(): void {
    cancel = clock.after(ms, tick);
    run();
  }
  return () => cancel();
}

/** Resolves after a while, or at once when the signal is aborted. */
export async function pause(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  const onAbort = (): void => resolve();
  signal?.addEventListener('abort', onAbort, { once: true });
  await promise;
  signal?.removeEventListener('abort', onAbort);
  cancel();
}
