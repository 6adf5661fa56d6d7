import { describe, expect, it } from 'vitest';
import { judgeMissed, type MissedQuestion } from './missed.js';

const MINUTE = 60_000;
const T = 1_795_000_000_000;

/** A change ten minutes ago that nobody announced, with everything known that has to be. */
const base: MissedQuestion = {
  now: T,
  graceMs: MINUTE,
  modifiedAt: T - 10 * MINUTE,
  liveAt: T - 60 * MINUTE,
  lastNoticeAt: null,
  noticesKnown: true,
  consumedAsOf: T - 8 * MINUTE,
  deferredSince: null,
};

describe('judgeMissed, clause by clause', () => {
  it.each<[string, Partial<MissedQuestion>, ReturnType<typeof judgeMissed>]>([
    ['all clauses hold', {}, { kind: 'missed' }],
    ['changed before the resource was live', { modifiedAt: T - 61 * MINUTE }, { kind: 'polled' }],
    ['changed at the instant it became live', { modifiedAt: T - 60 * MINUTE }, { kind: 'polled' }],
    ['not live yet', { liveAt: null }, { kind: 'polled' }],
    ['no time of change', { modifiedAt: null }, { kind: 'polled' }],
    ['trigger neither provisioned nor delivered', { noticesKnown: false }, { kind: 'polled' }],
    ['not provisioned, and younger than the grace', { noticesKnown: false, modifiedAt: T - 1_000 }, { kind: 'polled' }],
    ['younger than the grace', { modifiedAt: T - 1_000 }, { kind: 'look-again', at: T + 59_000 }],
    ['exactly as old as the grace', { modifiedAt: T - MINUTE, consumedAsOf: T + 1 }, { kind: 'missed' }],
    ['a notice after the change', { lastNoticeAt: T - 9 * MINUTE }, { kind: 'polled' }],
    ['a notice a minute before the change', { lastNoticeAt: T - 11 * MINUTE }, { kind: 'polled' }],
    ['a notice more than a minute before the change', { lastNoticeAt: T - 11 * MINUTE - 1 }, { kind: 'missed' }],
    [
      'the end of the notice topic was asked for too early',
      { consumedAsOf: T - 9 * MINUTE },
      { kind: 'await-notices', askedAfter: T - 9 * MINUTE },
    ],
    [
      'no end of the notice topic was consumed',
      { consumedAsOf: null },
      { kind: 'await-notices', askedAfter: T - 9 * MINUTE },
    ],
    [
      'a notice is known although the topic was not read far enough',
      { consumedAsOf: null, lastNoticeAt: T - 9 * MINUTE },
      { kind: 'polled' },
    ],
    [
      "the vendor's clock is ahead: waits a bounded time",
      { modifiedAt: T + 60 * MINUTE },
      { kind: 'look-again', at: T + 3 * MINUTE },
    ],
    ['and has waited that time', { modifiedAt: T + 60 * MINUTE, deferredSince: T - 3 * MINUTE }, { kind: 'polled' }],
  ])('%s', (_clause, change, verdict) => {
    expect(judgeMissed({ ...base, ...change })).toEqual(verdict);
  });
});
