import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('never gives more places than it has, and gives them in order', async () => {
    const slots = new Slots(2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const release = await slots.acquire();
        order.push(index);
        inside += 1;
        most = Math.max(most, inside);
        await Promise.resolve();
        inside -= 1;
        release();
      }),
    );
    expect(most).toBe(2);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect([slots.running, slots.waiting]).toEqual([0, 0]);
  });

  it('counts a place given back twice once', async () => {
    const slots = new Slots(1);
    const release = await slots.acquire();
    release();
    release();
    await slots.acquire();
    expect(slots.running).toBe(1);
    void slots.acquire();
    expect(slots.waiting).toBe(1);
  });

  it('drops who is aborted while waiting, and passes the place on to the next', async () => {
    const slots = new Slots(1);
    const release = await slots.acquire();
    const leaving = new AbortController();
    const gone = slots.acquire(leaving.signal);
    const next = slots.acquire();
    leaving.abort(new Error('shard lost'));
    await expect(gone).rejects.toThrow('shard lost');
    release();
    (await next)();
    expect([slots.running, slots.waiting]).toEqual([0, 0]);
    await expect(slots.acquire(leaving.signal)).rejects.toThrow('shard lost');
  });
});
