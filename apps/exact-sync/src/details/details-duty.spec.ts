import type { PracticeDetailsValue, TenantValue } from '@relay/contracts';
import type { ShardHandle } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, exactTenant, provetTenant, type Script } from '@relay/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ExactCalls } from '../calls/exact-calls.js';
import { RequestRate } from '../calls/request-rate.js';
import { grantedCalls } from '../test-support/granted-calls.js';
import { DetailsDuty } from './details-duty.js';
import { DetailsSchedule, urgencyOf } from './details-schedule.js';
import { detailsValue } from './details-value.js';

const running: AbortController[] = [];
afterEach(() => {
  for (const controller of running.splice(0)) controller.abort();
});
const pending = (practiceId: string) => exactTenant({ practiceId, state: 'pending' });

function start(script: Script, tenants: TenantValue[]) {
  const http = new ScriptedHttp(script);
  const tokens = new TokenShelf().put('exact:qa/c', { value: 'jwt', version: 2 });
  const api = { apiUrl: 'https://api.example', owner: 'exact:qa', scopes: 's' };
  const calls = new ExactCalls(http, tokens, new RequestRate(1_000), api);
  const published: PracticeDetailsValue[] = [];
  const duty = new DetailsDuty({
    calls: grantedCalls(calls, { header: 'h', member: 'm' }),
    resources: ['appointment'],
    attemptTimeoutMs: 1_000,
    backoffMinMs: 5,
    backoffMaxMs: 10,
    log: { warn: () => undefined },
    publish: (value) => Promise.resolve(void published.push(value)),
  });
  const controller = new AbortController();
  running.push(controller);
  const shard: ShardHandle = {
    shard: 1,
    epoch: 1,
    signal: controller.signal,
    owns: () => true,
    tenants: () => tenants,
  };
  duty.start(shard);
  return { http, duty, shard, published };
}

const details = { practiceName: 'Bright Smiles', country: 'GB', pmsVersion: '13.860' };

describe('reading practice details', () => {
  it('reads those of a practice that waits, once', async () => {
    const { http, published } = start(() => ({ body: details }), [pending('A'), exactTenant({ practiceId: 'B' })]);
    await vi.waitFor(() => expect(published).toHaveLength(1));
    expect(published[0]).toMatchObject({
      tenantId: 'exact:qa:A',
      name: 'Bright Smiles',
      country: 'GB',
      version: '13.860',
    });
    expect(http.asked).toEqual(['GET /v1/Practices/A/details']);
  });

  it('reads those of a practice that comes later, and of one that returns', async () => {
    const { duty, shard, published } = start(() => ({ body: details }), []);
    duty.tenantChanged(shard, pending('C'));
    await vi.waitFor(() => expect(published).toHaveLength(1));
    duty.tenantChanged(shard, exactTenant({ practiceId: 'C', state: 'withdrawn', version: 2 }));
    duty.tenantChanged(shard, exactTenant({ practiceId: 'C', state: 'pending', version: 3 }));
    await vi.waitFor(() => expect(published).toHaveLength(2));
  });

  it('lets one that fails back off by itself', async () => {
    let tries = 0;
    const { published } = start(
      (request) => {
        if (!request.url.includes('/DOWN/')) return { body: details };
        tries += 1;
        return tries < 3 ? { status: 503 } : { body: details };
      },
      [pending('DOWN'), pending('UP')],
    );
    await vi.waitFor(() => expect(published.map((value) => value.practiceId)).toEqual(['UP', 'DOWN']), 5_000);
    expect(tries).toBe(3);
  });

  it('leaves Provet’s tenants alone', async () => {
    const { http, published } = start(() => ({ body: details }), [provetTenant({ state: 'pending' }), pending('A')]);
    await vi.waitFor(() => expect(published).toHaveLength(1));
    expect(http.requests).toHaveLength(1);
  });
});

const DAY = 86_400_000;

describe('whose details are due', () => {
  it('spreads active practices over the day and comes again after one', () => {
    const schedule = new DetailsSchedule(() => 0.5);
    schedule.note(exactTenant(), 0);
    expect(schedule.take(DAY / 2 - 1, 9)).toEqual([]);
    expect(schedule.take(DAY / 2, 9)).toHaveLength(1);
    expect(schedule.take(DAY / 2, 9)).toEqual([]);
    schedule.settle(exactTenant().tenantId, DAY / 2, null);
    expect(schedule.take(DAY, 9)).toEqual([]);
    expect(schedule.take(1.5 * DAY, 9)).toHaveLength(1);
  });

  it('does not repeat itself for a change that is no new wait', () => {
    const schedule = new DetailsSchedule(() => 0.5);
    schedule.note(pending('A'), 0);
    schedule.take(0, 9);
    schedule.settle('exact:qa:A', 0, null);
    schedule.note(pending('A'), 1);
    expect(schedule.take(1, 9)).toEqual([]);
  });

  it('asks at once for one that waits again', () => {
    const schedule = new DetailsSchedule(() => 0.5);
    schedule.note(exactTenant({ practiceId: 'A' }), 0);
    schedule.note(exactTenant({ practiceId: 'A', state: 'pending', version: 2 }), 1);
    expect(schedule.take(1, 9)).toHaveLength(1);
  });

  it.each<[Partial<TenantValue>, string]>([
    [{ state: 'pending' }, 'now'],
    [{ state: 'active' }, 'daily'],
    [{ state: 'suspended', reason: 'version-too-old' }, 'often'],
    [{ state: 'suspended', reason: 'subscription-lost' }, 'often'],
    [{ state: 'suspended', reason: 'consent-unconfirmed' }, 'never'],
    [{ state: 'suspended', reason: 'operator' }, 'never'],
    [{ state: 'withdrawn' }, 'never'],
    [{ state: 'purged' }, 'never'],
  ])('%o: %s', (over, urgency) => {
    expect(urgencyOf(exactTenant(over))).toBe(urgency);
  });
});

describe('whose details are read often', () => {
  it('is a practice that lacks something, and one whose subscription is lost', () => {
    const schedule = new DetailsSchedule(() => 0.5);
    schedule.note(exactTenant(), 0);
    schedule.take(DAY, 9);
    schedule.settle(exactTenant().tenantId, DAY, null, true);
    expect(schedule.take(DAY + 900_000, 9)).toHaveLength(1);
    schedule.settle(exactTenant().tenantId, 2 * DAY, null);
    expect(schedule.take(2.9 * DAY, 9)).toEqual([]);
    schedule.note(exactTenant({ state: 'suspended', reason: 'subscription-lost', version: 9 }), 2.9 * DAY);
    expect(schedule.take(2.9 * DAY + 450_000, 9)).toHaveLength(1);
  });
});

describe('what the registry is told', () => {
  it('takes absent and null members alike', () => {
    expect(
      detailsValue(
        exactTenant(),
        '{"pmsVersion":null,"pmsDisplayVersion":"13.9","practiceName":"","updatedOn":"2026-01-01T00:00:00Z","countrySubdivision":"QLD"}',
        0,
        ['appointment'],
      ),
    ).toEqual({
      tenantId: 'exact:qa:UKTEST1',
      environment: 'qa',
      practiceId: 'UKTEST1',
      name: null,
      country: null,
      version: '13.9',
      tooOld: true,
      countrySubdivision: 'QLD',
      updatedOn: '2026-01-01T00:00:00Z',
      observedAt: '1970-01-01T00:00:00.000Z',
    });
  });
  it('takes no other shape for details', () => {
    expect(detailsValue(exactTenant(), '[]', 0, [])).toBeNull();
    expect(detailsValue(exactTenant(), 'offline', 0, [])).toBeNull();
  });
});
