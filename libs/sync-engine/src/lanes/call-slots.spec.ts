import { describe, expect, it, vi } from 'vitest';
import { CallSlots } from './call-slots.js';

const never = new AbortController().signal;

describe('CallSlots', () => {
  it('frees the place of a call that takes long, and no place twice', async () => {
    vi.useFakeTimers();
    try {
      const slots = new CallSlots(1, 1, 2_000);
      const slow = await slots.acquire('ordinary', never);
      const call = Promise.withResolvers<string>();
      const answer = slow.during(call.promise);
      await vi.advanceTimersByTimeAsync(1_999);
      expect(slots.running).toEqual({ ordinary: 1, slow: 0 });
      await vi.advanceTimersByTimeAsync(1);
      expect(slots.running).toEqual({ ordinary: 0, slow: 1 });

      // The slow pool is full: this one stays where it is.
      const other = await slots.acquire('ordinary', never);
      const second = Promise.withResolvers<string>();
      const otherAnswer = other.during(second.promise);
      await vi.advanceTimersByTimeAsync(3_000);
      expect(slots.running).toEqual({ ordinary: 1, slow: 1 });
      second.resolve('second');
      expect(await otherAnswer).toBe('second');
      other.release();
      other.release();
      call.resolve('slow');
      expect(await answer).toBe('slow');
      slow.release();
      await vi.runAllTimersAsync();
      expect(slots.running).toEqual({ ordinary: 0, slow: 0 });
    } finally {
      vi.useRealTimers();
    }
  });
});
