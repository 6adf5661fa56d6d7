import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendQueue, type QueueLimits, type Waiting } from './send-queue.js';

const limits: QueueLimits = { messages: 1000, bytes: 100_000, batchBytes: 100, requestBytes: 250 };

function item(key: string, partition = 0, bytes = 10): Waiting {
  return {
    message: { topic: 't', key, value: key },
    partition,
    bytes,
    identity: `t\n${key}`,
    wanted: true,
    settle() {},
  };
}

describe('SendQueue', () => {
  it('refuses what exceeds its limits', () => {
    const queue = new SendQueue({ ...limits, messages: 2, bytes: 1000 }, false);
    expect([item('a'), item('b'), item('c')].map((i) => queue.add(i))).toEqual([true, true, false]);
    expect(new SendQueue({ ...limits, bytes: 15 }, false).add(item('a', 0, 16))).toBe(false);
  });

  it('drops what nobody wants any more', () => {
    const queue = new SendQueue(limits, false);
    const late = item('a');
    queue.add(late);
    queue.add(item('b'));
    late.wanted = false;
    expect(queue.take().map((i) => i.message.key)).toEqual(['b']);
    expect(queue.size).toBe(0);
  });

  it('takes a message larger than a batch alone', () => {
    const queue = new SendQueue(limits, false);
    for (const i of [item('big', 0, 400), item('next')]) queue.add(i);
    expect(queue.take().map((i) => i.message.key)).toEqual(['big']);
    expect(queue.take().map((i) => i.message.key)).toEqual(['next']);
  });

  const messages = fc.array(
    fc.record({ key: fc.integer({ min: 0, max: 5 }), bytes: fc.integer({ min: 1, max: 150 }) }),
    { maxLength: 60 },
  );

  it('keeps limits, the order of each partition and key, and loses nothing', () => {
    fc.assert(
      fc.property(messages, fc.boolean(), (all, onePerIdentity) => {
        const queue = new SendQueue(limits, onePerIdentity);
        const items = all.map(({ key, bytes }) => item(`k${key}`, key % 3, bytes));
        for (const i of items) queue.add(i);
        const order: Waiting[] = [];
        while (queue.size > 0) {
          const group = queue.take();
          expect(group.length).toBeGreaterThan(0);
          const bytes = new Map<number, number>();
          for (const i of group) bytes.set(i.partition, (bytes.get(i.partition) ?? 0) + i.bytes);
          for (const [partition, total] of bytes) {
            const alone = group.filter((i) => i.partition === partition).length === 1;
            expect(alone || total <= limits.batchBytes).toBe(true);
          }
          const identities = new Set(group.map((i) => i.identity)).size;
          expect(!onePerIdentity || identities === group.length).toBe(true);
          order.push(...group);
        }
        expect(order).toHaveLength(items.length);
        for (const key of new Set(items.map((i) => i.identity))) {
          expect(order.filter((i) => i.identity === key)).toEqual(items.filter((i) => i.identity === key));
        }
        // With one of an identity at a time, others of the partition may pass the one that waits.
        const perPartition = (list: Waiting[]) => [0, 1, 2].map((p) => list.filter((i) => i.partition === p));
        expect(onePerIdentity ? perPartition(items) : perPartition(order)).toEqual(perPartition(items));
      }),
    );
  });
});
