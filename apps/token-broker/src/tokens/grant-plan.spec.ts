import { describe, expect, it } from 'vitest';
import {
  ANSWER_LOST,
  OUTCOME_UNKNOWN,
  SEND_WITHIN_MS,
  announced,
  endOf,
  ended,
  nextGrantStep,
  patienceMs,
  renewed,
  takenBack,
  unanswered,
  type GrantState,
} from './grant-plan.js';

const NOW = Date.UTC(2026, 0, 1);
const PATIENCE = 60_000;
const grant = (over: Partial<GrantState> = {}): GrantState => ({
  version: 3,
  hasRefreshToken: true,
  expiresAt: NOW + 600_000,
  intent: null,
  tries: 0,
  lost: null,
  ...over,
});
const since = (ms: number) => ({ id: 'i', at: NOW - ms });
const step = (state: GrantState, has: number | null = 3, urgent = false) =>
  nextGrantStep(state, has, urgent, NOW, PATIENCE);

describe('the next step of a consent', () => {
  it.each<[string, GrantState, object]>([
    ['spends the refresh token', grant(), { do: 'spend' }],
    ['waits for a spend that is announced', grant({ intent: since(1), tries: 1 }), { do: 'wait', until: NOW + 59_999 }],
    ['repeats it once', grant({ intent: since(PATIENCE), tries: 1 }), { do: 'repeat' }],
    ['waits for the repeat', grant({ intent: since(0), tries: 2 }), { do: 'wait', until: NOW + PATIENCE }],
    ['then gives up', grant({ intent: since(PATIENCE), tries: 2 }), { do: 'give-up', code: 'refresh-unknown' }],
    ['asks nothing of a lost one', grant({ lost: 'invalid_grant' }), { do: 'give-up', code: 'invalid_grant' }],
    ['uses up what cannot be refreshed', grant({ hasRefreshToken: false }), { do: 'wait', until: NOW + 600_000 }],
    [
      'ends when that has expired',
      grant({ hasRefreshToken: false, expiresAt: NOW }),
      { do: 'give-up', code: 'no-refresh-token' },
    ],
  ])('%s', (_name, state, expected) => {
    expect(step(state)).toEqual(expected);
  });

  it('uses a newer token that is there already, whatever else is known', () => {
    expect(step(grant({ intent: since(1), tries: 1 }), 2)).toEqual({ do: 'use' });
    expect(step(grant({ lost: 'invalid_grant' }), 2)).toEqual({ do: 'use' });
    expect(step(grant(), null)).toEqual({ do: 'use' });
  });

  it('ends at once when a token that cannot be refreshed is refused', () => {
    expect(step(grant({ hasRefreshToken: false }), 3, true)).toEqual({ do: 'give-up', code: 'no-refresh-token' });
  });
});

describe('what happens to a spend', () => {
  const first = announced(grant(), { id: 'a', at: NOW });
  const second = announced(first, { id: 'b', at: NOW + PATIENCE });

  it('is announced, and forgotten with a new pair', () => {
    expect(first).toMatchObject({ version: 3, intent: { id: 'a' }, tries: 1 });
    expect(renewed(second, NOW + 1)).toEqual(grant({ version: 4, expiresAt: NOW + 1 }));
  });

  it('is free again when it has surely not happened', () => {
    expect(takenBack(first, 'a', NOW + 5)).toEqual(grant());
  });

  it('leaves the first one unknown when only the repeat has surely not happened', () => {
    expect(takenBack(second, 'b', NOW + 99)).toMatchObject({ intent: { id: 'b', at: NOW + 99 }, tries: 1 });
  });

  it('leaves the repeat alone when the first one turns out not to have happened', () => {
    expect(takenBack(second, 'a', NOW + 99)).toMatchObject({ intent: { id: 'b', at: NOW + PATIENCE }, tries: 1 });
  });

  it('revives what was given up for not knowing, and nothing else', () => {
    expect(takenBack(ended(second, OUTCOME_UNKNOWN), 'a', NOW).lost).toBeNull();
    expect(takenBack(ended(second, 'invalid_grant'), 'a', NOW).lost).toBe('invalid_grant');
  });

  it('ends the consent with a word, another one where an answer had been lost before', () => {
    expect(ended(grant(), 'invalid_grant')).toEqual(grant({ lost: 'invalid_grant' }));
    expect([endOf(grant()), endOf(first)]).toEqual(['invalid_grant', ANSWER_LOST]);
  });

  it('is left alone for longer when the vendor was seen not to answer', () => {
    const slow = unanswered(first, 'a', 5 * PATIENCE, PATIENCE);
    expect(step(slow)).toEqual({ do: 'wait', until: NOW + 5 * PATIENCE });
    expect(unanswered(first, 'a', PATIENCE / 2, PATIENCE)).toEqual(first);
    expect(unanswered(second, 'a', 5 * PATIENCE, PATIENCE)).toEqual(second);
  });
});

it('is patient for as long as an answer may take', () => {
  expect(patienceMs(30_000)).toBe(SEND_WITHIN_MS + 40_000);
});
