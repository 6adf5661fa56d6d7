import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PassSpec } from '../ports/connector.js';
import { NEW_FACTS, newCursor } from './model.js';
import {
  advanced,
  completed,
  factsAfterPass,
  isWished,
  nextStart,
  passClass,
  passDueAt,
  phaseOfTenant,
  started,
  watermarkOf,
} from './pass-schedule.js';

const T = 1_795_000_000_000;
const first: PassSpec = {
  name: 'backfill',
  everySeconds: null,
  reads: 'everything',
  cause: 'backfill',
  provesAbsence: false,
  firstReading: true,
};
const reconcile: PassSpec = { ...first, name: 'reconcile', everySeconds: 900, reads: 'changed', firstReading: false };
const live = { ...NEW_FACTS, liveAt: T, watermark: T - 120_000 };

describe('passDueAt', () => {
  it('begins the first reading at once and never again', () => {
    expect(passDueAt(first, newCursor('backfill', 0), NEW_FACTS)).toBe(0);
    expect(passDueAt(first, { ...newCursor('backfill', 0), completedAt: T }, live)).toBeNull();
  });

  it('begins no reconcile before there is a watermark', () => {
    expect(passDueAt(reconcile, newCursor('reconcile', 0), NEW_FACTS)).toBeNull();
    expect(passDueAt(reconcile, newCursor('reconcile', 0), live)).toBe(T + 900_000);
  });

  it('goes on with a window that was read once while the rest is read for the first time', () => {
    const near: PassSpec = { ...first, name: 'near', everySeconds: 60, reads: 'window' };
    const cursor = { ...newCursor('near', 0), startedAt: T, completedAt: T, nextAttemptAt: T + 50_000 };
    expect(passDueAt(near, cursor, NEW_FACTS)).toBe(T + 50_000);
    expect([passClass(near, NEW_FACTS, cursor), passClass(near, NEW_FACTS)]).toEqual(['reconcile', 'backfill']);
    const sweep: PassSpec = { ...first, name: 'sweep', everySeconds: 60 };
    expect(passDueAt(sweep, { ...cursor, pass: 'sweep' }, NEW_FACTS)).toBeNull();
  });

  it('reads the past once, after the resource is live', () => {
    const history: PassSpec = { ...first, name: 'history', reads: 'window', firstReading: false };
    expect(passDueAt(history, newCursor('history', 0), NEW_FACTS)).toBeNull();
    expect(passDueAt(history, newCursor('history', 0), live)).toBe(0);
    expect(passDueAt(history, { ...newCursor('history', 0), completedAt: T }, live)).toBeNull();
  });

  it('starts steady passes at the tenant’s own place in the period, whenever the last began', () => {
    const near: PassSpec = { ...first, name: 'near', everySeconds: 60, reads: 'window', steady: true };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(120_000), (phase, late) => {
        const at = nextStart(near, T + late, 0.5, phase);
        expect(at - T - late).toBeGreaterThanOrEqual(30_000);
        expect(at - T - late).toBeLessThan(90_001);
        const off = Math.abs((at % 60_000) - phase * 60_000);
        expect(Math.min(off, 60_000 - off)).toBeLessThan(1);
      }),
    );
    const phases = Array.from({ length: 600 }, (_, n) => Math.floor(phaseOfTenant(`exact:qa:P${n}`, near) * 60));
    const bySecond = Map.groupBy(phases, (second) => second);
    expect(Math.max(...[...bySecond.values()].map(({ length }) => length))).toBeLessThan(25);
  });

  it('knows a pass that was brought forward', () => {
    const sweep: PassSpec = { ...first, name: 'sweep', everySeconds: 21_600, steady: true };
    const due = nextStart(sweep, T, 0, 0.3);
    const cursor = { ...newCursor('sweep', 0), startedAt: T, completedAt: T + 1, nextAttemptAt: due };
    expect(isWished(sweep, cursor, live, 0.3)).toBe(false);
    expect(isWished(sweep, { ...cursor, nextAttemptAt: T + 5_000 }, live, 0.3)).toBe(true);
    expect(isWished(sweep, cursor, { ...live, reread: { at: T, seq: '1' } }, 0.3)).toBe(true);
  });

  it('waits for the records of a reading that has reached its end', () => {
    expect(passDueAt(first, { ...newCursor('backfill', 0), running: true, readToEnd: true }, NEW_FACTS)).toBeNull();
  });

  it('lets a shorter pause count at once', () => {
    const cursor = { ...newCursor('reconcile', 0), startedAt: T, completedAt: T, nextAttemptAt: T + 86_400_000 };
    expect(passDueAt(reconcile, cursor, live)).toBeCloseTo(T + 990_000, -1);
  });

  it('starts repeated passes within a tenth of their pause', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        const at = nextStart(reconcile, T, random) - T;
        expect(at).toBeGreaterThanOrEqual(810_000);
        expect(at).toBeLessThanOrEqual(990_000);
      }),
    );
  });
});

describe('advanced', () => {
  const page = { next: 'p', total: 9, vendorTime: T };

  it('notices that ids ascend, and when they stop doing so', () => {
    let cursor = started(newCursor('sweep', 0), 'run', null, T);
    cursor = advanced(cursor, { ...page, recordIds: ['2', '10'] }, T);
    expect(cursor).toMatchObject({ lastId: '10', done: 2, total: 9, vendorStartedAt: T, readToEnd: false });
    expect(advanced(cursor, { ...page, recordIds: ['9'] }, T).lastId).toBeNull();
    expect(advanced(cursor, { ...page, recordIds: ['10'] }, T).lastId).toBeNull();
    expect(advanced(cursor, { ...page, recordIds: ['11', 'a'] }, T).lastId).toBeNull();
    expect(advanced(cursor, { ...page, next: null, recordIds: [] }, T)).toMatchObject({
      lastId: '10',
      readToEnd: true,
    });
  });
});

describe('after a pass', () => {
  it("sets the watermark below the vendor's clock at its start", () => {
    fc.assert(
      fc.property(fc.integer({ min: T, max: T + 10_000_000 }), fc.integer({ min: 0, max: 600_000 }), (at, overlap) => {
        const mark = watermarkOf(at, overlap);
        expect((mark + overlap) % 60_000).toBe(0);
        expect(mark + overlap).toBeLessThanOrEqual(at);
        expect(mark + overlap).toBeGreaterThan(at - 60_000);
      }),
    );
  });

  it('makes the resource live once, when all first readings are done', () => {
    const cursor = { ...started(newCursor('backfill', 0), 'run', null, T), vendorStartedAt: T + 5 };
    const at = { now: T + 1000, overlapMs: 120_000, firstDone: false };
    expect(factsAfterPass(NEW_FACTS, first, cursor, at).liveAt).toBeNull();
    const done = factsAfterPass(NEW_FACTS, first, cursor, { ...at, firstDone: true });
    expect(done).toMatchObject({ liveAt: T + 1000, completeAsOf: T });
    expect(factsAfterPass(done, first, cursor, { ...at, now: T + 9000, firstDone: true }).liveAt).toBe(T + 1000);
  });

  it('never lowers the watermark', () => {
    const facts = { ...live, watermark: T + 1_000_000 };
    const cursor = started(newCursor('reconcile', 0), 'run', null, T);
    const at = { now: T, overlapMs: 0, firstDone: true };
    expect(factsAfterPass(facts, reconcile, cursor, at).watermark).toBe(T + 1_000_000);
  });

  it('rests until the next start', () => {
    const cursor = started(newCursor('reconcile', 0), 'run', T, T);
    expect(completed(cursor, reconcile, T + 5, 0.5)).toMatchObject({
      running: false,
      completedAt: T + 5,
      nextAttemptAt: T + 900_000,
    });
  });
});
