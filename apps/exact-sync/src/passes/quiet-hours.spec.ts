import type { CallContext, PassRequest, PassSpec } from '@relay/sync-engine';
import { exactTenant } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { PracticeBudget } from '../calls/practice-budget.js';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { QuietHours } from './quiet-hours.js';

const HOUR = 3_600_000;
const tenant = exactTenant();
const noon = Date.parse('2026-11-26T12:00:00Z');
const night = Date.parse('2026-11-26T22:00:00Z');
const pace = { pollSeconds: 60, farSeconds: 3_600, sweepSeconds: 21_600, hasHistory: true };
const specs = resourceSpecs(['appointment', 'patient'], pace).flatMap(({ passes }) => passes);

function setUp() {
  const budget = new PracticeBudget(600);
  const quiet = new QuietHours(() => 'Europe/London', budget);
  const putOff = (
    name: PassSpec['name'],
    work: CallContext['work'],
    now: number,
    over: Partial<PassRequest> = {},
  ): number | null => {
    const spec = specs.find((pass) => pass.name === name) as PassSpec;
    const call = { tenant, work, signal: new AbortController().signal, timeoutMs: 1_000 };
    const pass = { spec, since: null, startedAt: now, filterHonoured: true, completedAt: now - 7 * HOUR, ...over };
    return quiet.putOff(call, pass, now);
  };
  return { budget, putOff };
}

describe('work that can wait', () => {
  it('leaves opening hours, and is looked at again before long', () => {
    const { putOff } = setUp();
    expect(putOff('sweep', 'sweep', noon)).toBe(600_000);
    expect(putOff('sweep', 'sweep', Date.parse('2026-11-26T17:58:00Z'))).toBe(120_000);
    expect(putOff('sweep', 'sweep', night)).toBeNull();
  });

  it('is neither what is near or far, nor a first reading, nor what somebody asks for', () => {
    const { putOff } = setUp();
    expect(putOff('near', 'reconcile', noon)).toBeNull();
    expect(putOff('far', 'sweep', noon)).toBeNull();
    expect(putOff('sweep', 'backfill', noon)).toBeNull();
    expect(putOff('sweep', 'sweep', noon, { isWished: true })).toBeNull();
  });

  it('is done by day where the practice sleeps at night', () => {
    const { putOff } = setUp();
    expect(putOff('sweep', 'sweep', noon, { completedAt: noon - 25 * HOUR })).toBeNull();
    expect(putOff('sweep', 'sweep', noon, { completedAt: null })).toBeNull();
  });

  it('of the past goes on a little by day', () => {
    const { budget, putOff } = setUp();
    const history = { completedAt: null };
    expect(putOff('history', 'backfill', noon, history)).toBeNull();
    for (let calls = 0; calls < 60; calls += 1) budget.take(tenant.tenantId, 'backfill', noon);
    expect(putOff('history', 'backfill', noon, history)).toBe(600_000);
    expect(putOff('history', 'backfill', night, history)).toBeNull();
  });
});
