import { EXACT_BASE_SCOPES, exactScopeText } from '@relay/contracts';
import { expect, it } from 'vitest';
import { areSame, nextProbeAt, setsInUse, setsWithoutToken } from './scope-plan.js';

const base = exactScopeText(EXACT_BASE_SCOPES);
const patient = exactScopeText([...EXACT_BASE_SCOPES, 'patient.get', 'patient.list']);

it('keeps a token for the base and for each resource that may be read, and no set twice', () => {
  const capabilities = { granted: [...EXACT_BASE_SCOPES, 'patient.get', 'patient.list'], missing: ['appointment.get'] };
  expect(setsInUse(base, ['practice', 'patient', 'appointment'], capabilities)).toEqual([base, patient]);
});

it('counts a token that is being let go as none', () => {
  const tokens = [
    { scopes: base, retireAt: null },
    { scopes: patient, retireAt: 7 },
  ];
  expect(setsWithoutToken([base, patient], tokens)).toEqual([patient]);
});

it('limits probes that are wished for, and lets those through that come at the configured pace', () => {
  const day = 86_400_000;
  const now = 10 * day;
  expect(nextProbeAt([], day, now)).toBe(now);
  expect(nextProbeAt([now - 2, now - 1], day, now)).toBe(now);
  expect(nextProbeAt([now, now, now], day, now)).toBe(now + 30_000);
  const ten = Array.from({ length: 10 }, (_, at) => now - (10 - at) * 60_000);
  expect(nextProbeAt(ten, day, now)).toBe(now + 50 * 60_000);
  expect(nextProbeAt(ten, 1_000, now)).toBe(now);
});

it('knows news from none', () => {
  const one = { granted: ['a'], missing: ['b'] };
  expect(areSame(one, { granted: ['a'], missing: ['b'] })).toBe(true);
  expect(areSame(one, { granted: ['a', 'b'], missing: [] })).toBe(false);
  expect(areSame(null, one)).toBe(false);
});
