import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PendingEntry } from '../core/model.js';
import { PendingQueue } from './pending-queue.js';

const entry = (recordId: string, over: Partial<PendingEntry> = {}): PendingEntry => ({
  tenantId: 't',
  resource: 'client',
  recordId,
  generation: 1,
  cause: 'notice',
  trigger: 1,
  deleteTrigger: false,
  firstNoticeAt: 0,
  lastNoticeAt: 0,
  notices: 1,
  attempts: 0,
  nextAttemptAt: 0,
  parked: false,
  pass: null,
  runId: null,
  detail: {},
  ...over,
});
const open = () => 0;

describe('PendingQueue', () => {
  it('gives a record to one taker only, until it is done', () => {
    const queue = new PendingQueue();
    queue.set(entry('1'));
    expect(queue.take('live', 5, open)?.recordId).toBe('1');
    queue.set(entry('1', { generation: 2 }));
    expect(queue.take('live', 5, open)).toBeNull();
    queue.done(entry('1'));
    expect(queue.take('live', 5, open)?.generation).toBe(2);
  });

  it('keeps a record that was announced again while it was fetched', () => {
    const queue = new PendingQueue();
    queue.set(entry('1'));
    queue.set(entry('1', { generation: 2 }));
    queue.remove(entry('1'));
    expect(queue.size).toBe(1);
    queue.remove(entry('1', { generation: 2 }));
    expect(queue.size).toBe(0);
  });

  it('ignores a row that was read before the one it knows', () => {
    const queue = new PendingQueue();
    queue.set(entry('1', { generation: 9, nextAttemptAt: 50 }));
    queue.set(entry('1', { generation: 8, nextAttemptAt: 0 }));
    expect(queue.take('live', 10, open)).toBeNull();
    expect(queue.nextDue()).toBe(50);
  });

  it('keeps nothing of what waits no longer: neither its place in a line nor a count', () => {
    const queue = new PendingQueue();
    queue.set(entry('1', { parked: true }));
    queue.set(entry('2', { cause: 'backfill', pass: 'backfill' }));
    queue.remove(entry('1', { parked: true }));
    queue.remove(entry('2', { cause: 'backfill', pass: 'backfill' }));
    expect([queue.size, queue.nextDue(), queue.dueCount(5, 9)]).toEqual([0, null, 0]);
    expect([queue.parked('client'), queue.backlog('client', 'backfill')]).toEqual([0, 0]);
    queue.set(entry('2', { generation: 2 }));
    expect(queue.take('live', 5, open)?.generation).toBe(2);
    queue.remove(entry('2', { generation: 2 }));
    queue.done(entry('2'));
    expect(queue.nextDue()).toBeNull();
  });

  it('puts a gated record off to where its gate opens', () => {
    const queue = new PendingQueue();
    queue.set(entry('1'));
    expect(queue.take('live', 5, () => 20)).toBeNull();
    expect(queue.nextDue()).toBe(20);
    expect(queue.take('live', 20, open)?.recordId).toBe('1');
  });

  it('lets an outage put records off longer and longer, and a new notice at once', () => {
    const queue = new PendingQueue();
    queue.set(entry('1'));
    const delays: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const taken = queue.take('live', 1_000, open) as PendingEntry;
      queue.retry(taken, (tries) => (delays.push(tries), 0), 1_000);
      queue.done(taken);
    }
    expect(delays).toEqual([1, 2, 3]);
    queue.set(entry('1', { generation: 2 }));
    queue.retry(queue.take('live', 1_000, open) as PendingEntry, (tries) => (delays.push(tries), 0), 1_000);
    expect(delays.at(-1)).toBe(1);
  });

  it('counts the backlog of a pass as the entries are', () => {
    const step = fc.record({
      id: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom('set', 'remove', 'take', 'done'),
      parked: fc.boolean(),
      waits: fc.boolean(),
      pass: fc.constantFrom('sweep', null),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new PendingQueue();
        const model = new Map<string, PendingEntry>();
        let generation = 0;
        for (const { id, kind, parked, waits, pass } of steps) {
          const key = String(id);
          if (kind === 'set') {
            generation += 1;
            const detail = waits ? { deferredSince: 1 } : {};
            const made = entry(key, { generation, parked, pass, detail, cause: 'sweep' });
            queue.set(made);
            model.set(key, made);
          }
          const known = model.get(key);
          if (kind === 'remove' && known !== undefined) {
            queue.remove(known);
            model.delete(key);
          }
          if (kind === 'take') queue.take('sweep', 0, open);
          if (kind === 'done') queue.done(entry(key));
        }
        const all = [...model.values()];
        expect(queue.size).toBe(all.length);
        expect(queue.parked('client')).toBe(all.filter((e) => e.parked).length);
        expect(queue.backlog('client', 'sweep')).toBe(
          all.filter((e) => !e.parked && e.pass === 'sweep' && e.detail.deferredSince === undefined).length,
        );
      }),
    );
  });
});
