import { Slots } from '@relay/http-client';
import { systemClock, type Clock } from '@relay/service-kit';

/** One for all: an error made for every call would cost more than the rest of a slot. */
const GIVEN_BACK = new Error('the slot was given back');

/** A place for one running call. */
export interface CallSlot {
  /** Watches a call: once it takes long, it moves to the slow pool and frees its ordinary place. */
  during<T>(call: Promise<T>): Promise<T>;
  release(): void;
}

/**
 * Two pools of places for calls in flight. Practices whose server is slow or dead use the second, so that they never hold
 * the places of the healthy.
 */
export class CallSlots {
  private readonly ordinary: Slots;
  private readonly slow: Slots;

  constructor(
    ordinary: number,
    slow: number,
    private readonly slowAfterMs: number,
    private readonly clock: Clock = systemClock,
  ) {
    this.ordinary = new Slots(ordinary);
    this.slow = new Slots(slow);
  }

  get running(): { readonly ordinary: number; readonly slow: number } {
    return { ordinary: this.ordinary.running, slow: this.slow.running };
  }

  async acquire(pool: 'ordinary' | 'slow', signal: AbortSignal): Promise<CallSlot> {
    if (pool === 'slow') {
      const release = await this.slow.acquire(signal);
      return { during: (call) => call, release };
    }
    return this.movable(await this.ordinary.acquire(signal));
  }

  private movable(first: () => void): CallSlot {
    let release = first;
    let released = false;
    const given = new AbortController();
    const move = async (): Promise<void> => {
      const next = await this.slow.acquire(given.signal);
      release();
      release = next;
      if (released) next();
    };
    return {
      during: async (call) => {
        const cancel = this.clock.after(this.slowAfterMs, () => {
          // A full slow pool leaves the call where it is; giving the slot back ends the wait.
          move().catch(() => undefined);
        });
        try {
          return await call;
        } finally {
          cancel();
        }
      },
      release: () => {
        released = true;
        given.abort(GIVEN_BACK);
        release();
      },
    };
  }
}
