import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue } from './due-queue.js';

describe('a due queue', () => {
  it('gives out by time, equal times in the order of their coming, and only what is due', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, now) => {
        const queue = new DueQueue<readonly [time: number, order: number]>();
        const items = times.map((time, order) => [time, order] as const);
        for (const item of items) queue.add(item, item[0]);
        const sorted = [...items].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        const due = sorted.filter(([time]) => time <= now);
        expect(queue.take(now)).toEqual(due);
        expect(queue.size).toBe(items.length - due.length);
        expect(queue.nextAt).toBe(sorted[due.length]?.[0] ?? null);
        expect(queue.take(Infinity)).toEqual(sorted.slice(due.length));
      }),
    );
  });
});
