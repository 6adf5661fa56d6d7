/** A fixed number of places. Who comes first gets the next free one. */
export class Slots {
  private taken = 0;
  private readonly queue: ((release: () => void) => void)[] = [];

  constructor(private readonly size: number) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError('slots: the size must be a whole number from 1 on');
  }

  get running(): number {
    return this.taken;
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Waits for a place. The returned function gives it back; calling it twice does no harm. Rejects when aborted. */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.taken < this.size) {
      this.taken += 1;
      return this.releaseOnce();
    }
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const onAbort = () => {
      const at = this.queue.indexOf(resolve);
      if (at >= 0) this.queue.splice(at, 1);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    this.queue.push(resolve);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  private releaseOnce(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.queue.shift();
      // The place goes straight to the next one: nobody can slip in between.
      if (next) next(this.releaseOnce());
      else this.taken -= 1;
    };
  }
}
