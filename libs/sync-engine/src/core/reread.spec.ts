import { describe, expect, it } from 'vitest';
import type { PassSpec } from '../ports/connector.js';
import { NEW_FACTS, newCursor, type PassCursor } from './model.js';
import { passDueAt } from './pass-schedule.js';
import { basisTaken, isFulfilled, isReadTooEarly, mustStartAgain, rereadWished } from './reread.js';

const once: PassSpec = {
  name: 'backfill',
  everySeconds: null,
  reads: 'everything',
  cause: 'backfill',
  provesAbsence: false,
  firstReading: true,
};
const changes: PassSpec = { ...once, name: 'reconcile', everySeconds: 1, reads: 'changed', firstReading: false };
const live = { ...NEW_FACTS, liveAt: 100, basis: 'a', listForm: 'complete' as const, listSamples: 20 };
const wish = { at: 5_000, seq: '77' };
const done: PassCursor = { ...newCursor('backfill', 0), startedAt: 50, completedAt: 100, nextAttemptAt: 50 };

describe('reading everything again', () => {
  it('makes a pass due that runs once in a lifetime, and one that is under way start anew', () => {
    expect(passDueAt(once, done, live)).toBeNull();
    const facts = rereadWished(live, wish);
    expect(passDueAt(once, done, facts)).toBe(5_000);
    expect(mustStartAgain(once, { ...done, running: true, position: '40' }, facts)).toBe(true);
    expect(mustStartAgain(once, { ...done, startedAt: 5_000 }, facts)).toBe(false);
    expect(mustStartAgain(changes, done, facts)).toBe(false);
  });

  it('keeps to the pauses of a pass that cannot be read', () => {
    const failing = { ...done, startedAt: null, attempts: 3, nextAttemptAt: 9_000 };
    expect(passDueAt(once, failing, rereadWished(live, wish))).toBe(9_000);
  });

  it('takes an equal list row for no proof where the record was read before', () => {
    const facts = rereadWished(live, wish);
    expect(isReadTooEarly({ readSeq: 76n }, facts)).toBe(true);
    expect(isReadTooEarly({ readSeq: 77n }, facts)).toBe(false);
    expect(isReadTooEarly({ readSeq: 1n }, live)).toBe(false);
  });

  it('forgets what was learnt of the list form, and keeps that it is live', () => {
    expect(rereadWished(live, wish)).toMatchObject({ liveAt: 100, listForm: 'learning', listSamples: 0, reread: wish });
  });

  it('is done when every first reading was completed by a run that came after the wish', () => {
    const facts = rereadWished(live, wish);
    const cursors = (cursor: PassCursor) => isFulfilled(facts, [changes, once], () => cursor);
    expect(cursors(done)).toBe(false);
    expect(cursors({ ...done, startedAt: 6_000, running: true })).toBe(false);
    expect(cursors({ ...done, startedAt: 6_000, completedAt: 7_000 })).toBe(true);
  });
});

describe('what answers depend on', () => {
  it('is only noted the first time', () => {
    expect(basisTaken({ ...live, basis: null }, 'a b', wish)).toMatchObject({ basis: 'a b', reread: null });
  });

  it('has everything read again when it has changed', () => {
    expect(basisTaken(live, 'a b', wish)).toMatchObject({ basis: 'a b', reread: wish });
    expect(basisTaken(live, 'a', wish)).toBe(live);
  });

  it('ends what was forbidden for a reason that is gone, and nothing that was forbidden for another', () => {
    const missing = { ...live, forbiddenUntil: 9_000, forbiddenReason: 'scope-missing: a' };
    expect(basisTaken(missing, 'a', wish)).toMatchObject({ forbiddenUntil: null, forbiddenReason: null });
    expect(basisTaken({ ...live, forbiddenUntil: 9_000 }, 'a', wish).forbiddenUntil).toBe(9_000);
  });

  it('has what was missed meanwhile looked for at once, and takes an equal row for the proof that it is', () => {
    const missing = { ...live, forbiddenUntil: 9_000, forbiddenReason: 'scope-missing: a' };
    const facts = basisTaken(missing, 'a', wish);
    expect(passDueAt(once, done, facts)).toBe(5_000);
    expect(isReadTooEarly({ readSeq: 1n }, facts)).toBe(false);
    expect(facts.listForm).toBe('complete');
    // One that was never read has its first reading to come, when there is a place for it.
    expect(basisTaken({ ...missing, liveAt: null }, 'a', wish)).toMatchObject({ reread: null, staged: true });
    // A wish to read every record again that is still to be fulfilled stays one.
    expect(basisTaken({ ...missing, reread: { at: 1, seq: '7' } }, 'a', wish).reread).toEqual({ at: 5_000, seq: '7' });
  });
});
