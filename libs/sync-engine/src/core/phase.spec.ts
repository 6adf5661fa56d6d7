import { describe, expect, it } from 'vitest';
import { NEW_FACTS } from './model.js';
import { phaseOf, type PhaseAnswer, type PhaseQuestion } from './phase.js';

const base: PhaseQuestion = {
  tenant: { state: 'active', reason: null },
  facts: { ...NEW_FACTS, liveAt: 1 },
  block: null,
  breaker: 'closed',
  parked: 0,
  records: 10,
  prepareReason: null,
  absence: null,
};

describe('phaseOf', () => {
  it.each<[string, Partial<PhaseQuestion>, PhaseAnswer]>([
    ['live', {}, { phase: 'live', reason: null }],
    [
      'live by hand-made hooks',
      { prepareReason: 'webhooks-forbidden' },
      { phase: 'live', reason: 'webhooks-forbidden' },
    ],
    ['pending', { tenant: { state: 'pending', reason: null } }, { phase: 'waiting', reason: null }],
    ['suspended', { tenant: { state: 'suspended', reason: 'operator' } }, { phase: 'paused', reason: 'operator' }],
    ['withdrawn', { tenant: { state: 'withdrawn', reason: null } }, { phase: 'paused', reason: 'withdrawn' }],
    ['gone', { block: 'tenant-not-found' }, { phase: 'paused', reason: 'tenant-not-found' }],
    ['no token at the start', { block: 'no-token', facts: NEW_FACTS }, { phase: 'waiting', reason: 'no-token' }],
    ['no token later', { block: 'no-token' }, { phase: 'paused', reason: 'no-token' }],
    ['not on the list of consents', { block: 'not-listed' }, { phase: 'paused', reason: 'not-listed' }],
    ['away', { breaker: 'open' }, { phase: 'offline', reason: 'unavailable' }],
    ['probed', { breaker: 'half-open' }, { phase: 'offline', reason: 'unavailable' }],
    ['forbidden', { facts: { ...NEW_FACTS, forbiddenUntil: 5 } }, { phase: 'forbidden', reason: null }],
    ['held', { facts: { ...NEW_FACTS, heldAt: 5 } }, { phase: 'paused', reason: 'deletions-held' }],
    ['half of it parked', { parked: 10, records: 10 }, { phase: 'live', reason: null }],
    ['more than half of it parked', { parked: 11, records: 10 }, { phase: 'broken', reason: 'records-unreadable' }],
    ['not begun', { facts: NEW_FACTS }, { phase: 'waiting', reason: null }],
    [
      'first reading',
      { facts: { ...NEW_FACTS, firstReading: { startedAt: 0, done: 1, total: 2 } } },
      { phase: 'backfill', reason: null },
    ],
  ])('%s', (_what, change, answer) => {
    expect(phaseOf({ ...base, ...change })).toEqual(answer);
  });
});
