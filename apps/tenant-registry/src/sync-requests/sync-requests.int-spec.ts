import type { AuditValue, RecordFacts, SyncReplyValue, SyncRequestValue } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HoldRecord } from '../persistence/hold-rows.js';
import type { TenantDetailView } from '../tenants/tenant-view.js';
import { RunningRegistry, at } from '../test-support/running-registry.js';

const file = fileScope();
let registry: RunningRegistry;
let viewer: string;
let operator: string;
const requests: SyncRequestValue[] = [];
/** What a sync answers, in the hands of a test; null = nothing. */
let answerOf: (request: SyncRequestValue) => Partial<SyncReplyValue>[] = () => [];

const FACTS: RecordFacts = {
  resource: 'client',
  recordId: '7',
  state: 'present',
  version: 1_795_000_000_000,
  cause: 'notice',
  modifiedAt: '2026-11-20T10:00:00.000Z',
  lastNoticeAt: null,
  lastFetchedAt: '2026-11-20T10:00:01.000Z',
  committedAt: '2026-11-20T10:00:01.000Z',
  log: { topic: 'provet.client.v1', partition: 3, offset: '17', version: 1_795_000_000_000 },
  waiting: null,
};

async function reply(request: SyncRequestValue, over: Partial<SyncReplyValue>): Promise<void> {
  const { requestId, tenantId, kind } = request;
  const none = { code: null, outcome: null, since: null, detail: null, record: null, progress: null };
  const value = { requestId, tenantId, kind, status: 'done', ...none, at: new Date().toISOString(), ...over } as const;
  await registry.send('sync-reply.v1', tenantId, tenantId, value);
}

async function statusOf(tenantId: string, resource: string, heldDeletions: { count: number; since: string } | null) {
  const counters = { notices: 0, duplicates: 0, late: 0, missed: 0, healed: 0, deleted: 0 };
  await registry.send('sync-status.v1', tenantId, `${tenantId}/${resource}`, {
    tenantId,
    vendor: 'provet',
    resource,
    phase: heldDeletions === null ? 'live' : 'paused',
    reason: heldDeletions === null ? null : 'deletions-held',
    backfill: null,
    completeAsOf: null,
    lastCheckedAt: null,
    counters,
    parked: 0,
    unpublished: 0,
    breaker: 'closed',
    updatedAt: new Date().toISOString(),
    heldDeletions,
  });
  await registry.consumed('sync-status.v1');
}

const json = async (response: Promise<Response>): Promise<Record<string, unknown>> =>
  (await (await response).json()) as Record<string, unknown>;

beforeAll(async () => {
  registry = await RunningRegistry.start(file);
  viewer = registry.operators.viewer.token;
  operator = registry.operators.operator.token;
  const reader = registry.kafka.tableReader({
    topics: ['sync-request.v1'],
    onBatch: async ({ messages }) => {
      for (const { value } of messages) {
        const request = value as SyncRequestValue;
        requests.push(request);
        for (const over of answerOf(request)) await reply(request, over);
      }
    },
  });
  await reader.loaded;
});

describe('questions about a record', () => {
  it('show what the sync knows of it', async () => {
    const tenantId = await registry.hookup(1);
    await registry.becomes(tenantId, 'pending');
    answerOf = ({ recordIds }) => [{ record: { ...FACTS, recordId: recordIds?.[0] ?? '' } }];
    const response = await registry.ask(`${at(tenantId)}/records/client/7`, {}, viewer);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ tenantId, ...FACTS });
    expect(requests.at(-1)).toMatchObject({ kind: 'lookup', resource: 'client', recordIds: ['7'], tenantId });

    answerOf = () => [{ record: { ...FACTS, state: 'unknown', version: null } }];
    expect(await json(registry.ask(`${at(tenantId)}/records/client/8`))).toMatchObject({
      status: 404,
      code: 'no-such-record',
    });
    answerOf = () => [{ record: { ...FACTS, state: 'not-enabled', version: null } }];
    expect(await json(registry.ask(`${at(tenantId)}/records/shift/8`))).toMatchObject({ state: 'not-enabled' });
    const before = requests.length;
    expect((await registry.ask(`${at('provet:none:1')}/records/client/7`)).status).toBe(404);
    expect((await registry.ask(`${at(tenantId)}/records/client/${'x'.repeat(201)}`)).status).toBe(400);
    expect(requests).toHaveLength(before);
  });

  it('have it read at the vendor, with or without a reason, by whoever may', async () => {
    const tenantId = await registry.hookup(2);
    await registry.becomes(tenantId, 'pending');
    const path = `${at(tenantId)}/records/client/7/verify`;
    answerOf = () => [
      { status: 'accepted', record: FACTS },
      { outcome: 'healed', record: FACTS },
    ];
    expect((await registry.post(path, {}, viewer)).status).toBe(403);
    const response = await registry.post(path, { reason: 'a customer asks' }, operator);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ tenantId, outcome: 'healed', since: null, detail: null, ...FACTS });
    const bare = await fetch(`${registry.base}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}` },
    });
    expect(bare.status).toBe(200);
    const entry = await until('the audit entry', () =>
      registry
        .seen('audit.v1')
        .map(({ value }) => value as AuditValue)
        .find((one) => one.action === 'verify' && one.tenantId === tenantId),
    );
    expect(entry).toMatchObject({ reason: 'a customer asks', detail: { recordId: '7', outcome: 'healed' } });
  });

  it('tell what is known, and what to do next, when no answer comes in time', async () => {
    const tenantId = await registry.hookup(3);
    await registry.becomes(tenantId, 'pending');
    await statusOf(tenantId, 'client', null);
    answerOf = ({ kind }) => (kind === 'verify' ? [{ status: 'accepted', record: FACTS }] : []);
    const [taken, silent] = await Promise.all([
      json(registry.post(`${at(tenantId)}/records/client/7/verify`, {}, operator)),
      json(registry.ask(`${at(tenantId)}/records/invoice/7`)),
    ]);
    const known = { status: 504, code: 'no-answer-in-time', tenantState: 'pending' };
    expect(taken).toMatchObject({ ...known, phase: 'live', record: { version: FACTS.version } });
    expect(taken['detail']).toContain('look the record up in a minute');
    expect(silent).toMatchObject({ ...known, phase: null, record: null });
    expect(silent['detail']).toContain('the sync has not taken the question');
  }, 30_000);

  it('pass on that a sync refuses', async () => {
    const tenantId = await registry.hookup(4);
    await registry.becomes(tenantId, 'pending');
    answerOf = () => [{ status: 'refused', code: 'no-such-tenant', detail: 'the sync does not know it' }];
    const answer = await json(registry.ask(`${at(tenantId)}/records/client/7`));
    expect(answer).toMatchObject({ status: 409, code: 'no-such-tenant' });
  });
});

describe('a resync and a replay', () => {
  it('are ordered, and their progress is shown', async () => {
    const tenantId = await registry.hookup(10);
    await registry.becomes(tenantId, 'pending');
    await statusOf(tenantId, 'client', null);
    answerOf = () => [];
    const body = { resource: 'client', from: '2026-11-01T00:00:00Z', reason: 'their server was restored' };
    expect((await registry.post(`${at(tenantId)}/resync`, body, viewer)).status).toBe(403);
    const response = await registry.post(`${at(tenantId)}/resync`, body, operator);
    expect(response.status).toBe(202);
    const { requestId } = (await response.json()) as { requestId: string };
    const request = await until('the request', () => requests.find((one) => one.requestId === requestId));
    expect(request).toMatchObject({ kind: 'resync', from: '2026-11-01T00:00:00.000Z', to: null, recordIds: null });
    expect(request).toMatchObject({ requestedBy: expect.stringMatching(/^operator:/), deadline: null });

    const shown = async () => (await registry.get<TenantDetailView>(tenantId)).detail.requests[0];
    expect(await shown()).toMatchObject({ requestId, status: 'sent', progress: null, reason: body.reason });
    await reply(request, { status: 'working', progress: { asked: 100, waiting: 40 } });
    await until('the progress', async () => (await shown())?.progress?.asked === 100);
    await reply(request, { status: 'done', progress: { asked: 130, waiting: 0 } });
    await until('the end', async () => (await shown())?.status === 'done');
    // Delivered again: nothing goes back.
    await reply(request, { status: 'working', progress: { asked: 100, waiting: 40 } });
    await registry.consumed('sync-reply.v1');
    expect(await shown()).toMatchObject({ status: 'done', progress: { asked: 130, waiting: 0 } });

    const replay = await registry.post(`${at(tenantId)}/replay`, {}, operator);
    expect(replay.status).toBe(202);
    await until('the replay', () => requests.find((one) => one.kind === 'replay' && one.tenantId === tenantId));
    expect(await shown()).toMatchObject({ kind: 'replay', resource: null });
  });

  it('are refused with words that help', async () => {
    const tenantId = await registry.hookup(11);
    await registry.becomes(tenantId, 'pending');
    await statusOf(tenantId, 'client', null);
    const problem = async (body: object, path = 'resync') => {
      const { status, detail } = await json(registry.post(`${at(tenantId)}/${path}`, body, operator));
      return `${String(status)} ${String(detail)}`;
    };
    const before = requests.length;
    expect(await problem({ resource: 'clients' })).toBe('400 resource must be one that is enabled: client');
    expect(await problem({ recordIds: ['1'] })).toBe('400 resource must be given where recordIds are');
    expect(await problem({ from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' })).toBe(
      '400 from must be before to',
    );
    expect(await problem({ from: 'yesterday' }, 'replay')).toBe('400 from must be an ISO 8601 instant');
    const many = Array.from({ length: 1001 }, (_, n) => String(n));
    expect(await problem({ resource: 'client', recordIds: many })).toContain(
      '400 recordIds must name at most 1000 records',
    );
    expect(await problem({ resource: 'client', recordIds: [] })).toContain('400 recordIds must name at least one');
    expect(await problem({ colour: 'red' })).toBe('400 colour is not known here');
    await registry.post(`${at(tenantId)}/withdraw`, { reason: 'left' });
    expect(await problem({})).toBe('409 the tenant is withdrawn');
    expect(requests).toHaveLength(before);
  });
});

describe('a comparison and a check of permissions', () => {
  it('are ordered by operators, told to the sync, audited, and shown with their end', async () => {
    const tenantId = await registry.hookup(15);
    await registry.becomes(tenantId, 'pending');
    await statusOf(tenantId, 'client', null);
    answerOf = ({ kind }) => (kind === 'compare' ? [{ status: 'done', progress: { asked: 1, waiting: 0 } }] : []);
    for (const path of ['compare', 'check-permissions']) {
      expect((await registry.post(`${at(tenantId)}/${path}`, {}, viewer)).status).toBe(403);
    }
    const compare = await registry.post(
      `${at(tenantId)}/compare`,
      { resource: 'client', reason: 'is it all?' },
      operator,
    );
    expect(compare.status).toBe(202);
    const { requestId } = (await compare.json()) as { requestId: string };
    const request = await until('the request', () => requests.find((one) => one.requestId === requestId));
    expect(request).toMatchObject({ kind: 'compare', resource: 'client', recordIds: null, from: null, to: null });
    const shown = async () => (await registry.get<TenantDetailView>(tenantId)).detail.requests[0];
    await until('its end', async () => (await shown())?.status === 'done');
    const problem = async (body: object) => (await registry.post(`${at(tenantId)}/compare`, body, operator)).status;
    expect([await problem({ resource: 'clients' }), await problem({ recordIds: ['1'] })]).toEqual([400, 400]);

    expect((await registry.post(`${at(tenantId)}/check-permissions`, {}, operator)).status).toBe(202);
    await until('the other', () => requests.find((one) => one.kind === 'check-permissions'));
    const audited = () =>
      registry
        .seen('audit.v1')
        .map(({ value }) => value as AuditValue)
        .filter((one) => one.tenantId === tenantId)
        .map(({ action }) => action);
    await until('both are audited', () => audited().includes('compare') && audited().includes('check-permissions'));
  });
});

describe('held deletions', () => {
  const since = '2026-11-20T10:00:00.000Z';
  const holdOn = async (tenantId: string) => {
    const { items } = (await json(registry.ask('/holds'))) as unknown as { items: HoldRecord[] };
    return items.find((hold) => hold.kind === 'deletions' && hold.tenantId === tenantId);
  };

  it.each([
    ['approve', 'release-deletions'],
    ['reject', 'drop-deletions'],
  ])('are shown as a hold; to %s tells the sync to %s', async (decision, kind) => {
    const tenantId = await registry.hookup(decision === 'approve' ? 20 : 21);
    await registry.becomes(tenantId, 'pending');
    answerOf = () => [];
    await statusOf(tenantId, 'client', { count: 3, since });
    await statusOf(tenantId, 'client', { count: 24, since });
    const hold = await until('the hold', () => holdOn(tenantId));
    expect(hold.detail).toEqual({ resource: 'client', count: 24, since });
    const path = `/holds/${hold.holdId}/${decision}`;
    expect((await registry.post(path, { reason: 'asked them' }, operator)).status).toBe(403);
    expect((await registry.post(path, { reason: 'asked them' })).status).toBe(202);
    const request = await until('the request', () => requests.find((one) => one.kind === kind));
    expect(request).toMatchObject({ tenantId, resource: 'client', reason: 'asked them' });
    // A status from before the sync has heard of it raises nothing.
    await statusOf(tenantId, 'client', { count: 24, since });
    expect(await holdOn(tenantId)).toBeUndefined();
    expect((await registry.post(path, { reason: 'again' })).status).toBe(409);
    await statusOf(tenantId, 'client', { count: 21, since: '2026-11-21T10:00:00.000Z' });
    await until('another hold', () => holdOn(tenantId));
    await statusOf(tenantId, 'client', null);
    await until('it is closed', async () => (await holdOn(tenantId)) === undefined);
  });
});
