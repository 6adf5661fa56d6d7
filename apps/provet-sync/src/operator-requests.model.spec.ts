import type { SyncReplyValue, SyncRequestValue } from '@relay/contracts';
import { RetryLater, type ReceivedBatch } from '@relay/kafka';
import { describe, expect, it } from 'vitest';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const SECOND = 1_000;
const RECORDS = 40;

/** One shard, one live clinic, and operators' requests; the answers as they lie in the log. */
async function desk(options: Partial<ProvetModelOptions> = {}) {
  const model = new ProvetModel({ seed: 'requests', ...options });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const tenant = model.clinic(9, RECORDS);
  const phase = () => {
    const text = model.log.tail('sync-status.v1').get(`${tenant.tenantId}/client`)?.value ?? '{}';
    return (JSON.parse(text) as { phase?: string }).phase;
  };
  await model.clock.until('the clinic is live', () => phase() === 'live');

  let count = 0;
  const batchOf = (over: Partial<SyncRequestValue>): ReceivedBatch<unknown> => {
    const none = { resource: null, recordIds: null, from: null, to: null, reason: null, deadline: null };
    const at = new Date(model.clock.now()).toISOString();
    const requestId = `request-${(count += 1)}`;
    const value = {
      requestId,
      tenantId: tenant.tenantId,
      kind: 'resync',
      ...none,
      requestedBy: 'operator:test',
      at,
      ...over,
    };
    return {
      topic: 'sync-request.v1',
      partition: 0,
      epoch: worker.engine.book.epochOf(0),
      messages: [{ value }],
    } as unknown as ReceivedBatch<unknown>;
  };
  const answers = (requestId: string): SyncReplyValue[] =>
    model.log
      .messages('sync-reply.v1')
      .map(({ value }) => JSON.parse(value ?? '{}') as SyncReplyValue)
      .filter((reply) => reply.requestId === requestId);
  /** Asks, gives it a moment, and returns the answers by then. */
  const ask = async (over: Partial<SyncRequestValue>, forMs = SECOND): Promise<SyncReplyValue[]> => {
    const batch = batchOf(over);
    const taken = worker.engine.onRequests(batch);
    await model.run(forMs);
    await taken;
    return answers((batch.messages[0]?.value as SyncRequestValue).requestId);
  };
  const fetches = () => model.twin.requests.count(/^GET \/9\/api\/0\.1\/client\/\d+\/$/);
  return { model, worker, tenant, batchOf, ask, answers, fetches };
}

describe('an operator’s request', () => {
  it('is left alone when nobody waits for its answer any more', async () => {
    const { model, ask, fetches } = await desk();
    const before = fetches();
    const deadline = new Date(model.clock.now()).toISOString();
    expect(await ask({ kind: 'verify', resource: 'client', recordIds: ['1'], deadline })).toEqual([]);
    expect(fetches()).toBe(before);
  });

  it('about another vendor’s practice is the other sync’s to answer', async () => {
    const { ask } = await desk();
    expect(await ask({ kind: 'lookup', tenantId: 'exact:qa:UK1', resource: 'client', recordIds: ['1'] })).toEqual([]);
  });

  it('waits while the shard is on its way', async () => {
    const { worker, batchOf } = await desk();
    const batch = batchOf({ kind: 'lookup', resource: 'client', recordIds: ['1'] });
    await expect(worker.engine.onRequests({ ...batch, epoch: 99 })).rejects.toThrow(RetryLater);
  });

  it.each<[string, Partial<SyncRequestValue>]>([
    ['a lookup of no record', { kind: 'lookup', resource: 'client' }],
    ['a verify without a resource', { kind: 'verify', recordIds: ['1'] }],
    ['a resync of ids of no resource', { kind: 'resync', recordIds: ['1'] }],
    ['a replay of ids of no resource', { kind: 'replay', recordIds: ['1'] }],
  ])('that says too little is refused: %s', async (_name, request) => {
    const { ask } = await desk();
    expect(await ask(request)).toMatchObject([{ status: 'refused', code: 'invalid-request' }]);
  });

  it.each(['resync', 'release-deletions', 'drop-deletions'])(
    '%s of a resource that is off is refused',
    async (kind) => {
      const { ask } = await desk();
      expect(await ask({ kind, resource: 'invoice' })).toMatchObject([{ status: 'refused', code: 'not-enabled' }]);
    },
  );

  it('that comes twice is carried out once', async () => {
    const { ask, fetches } = await desk({ rules: { requestPage: 5 } });
    const before = fetches();
    const request = { requestId: 'the-same', resource: 'client' };
    await ask(request);
    const replies = await ask(request, 60 * SECOND);
    expect(replies.filter(({ status }) => status === 'accepted')).toHaveLength(2);
    expect(replies.filter(({ status }) => status === 'done')).toMatchObject([{ progress: { asked: RECORDS } }]);
    expect(fetches() - before).toBe(RECORDS);
  });

  it('of a withdrawn practice is refused, before and in the middle', async () => {
    const { model, tenant, ask, answers } = await desk({ rules: { requestPage: 5 }, httpLatencyMs: () => 500 });
    await ask({ requestId: 'half-way', resource: 'client' });
    expect(model.database.rows.request.rows.size).toBe(1);
    model.tenant({ ...tenant, version: tenant.version + 1, state: 'withdrawn' });
    await model.run(20 * SECOND);
    expect(answers('half-way').at(-1)).toMatchObject({ status: 'refused', code: 'tenant-not-served' });
    expect(model.database.rows.request.rows.size).toBe(0);
    expect(await ask({ resource: 'client' })).toMatchObject([{ status: 'refused', code: 'tenant-not-served' }]);
    const released = await ask({ kind: 'release-deletions', resource: 'client' });
    expect(released).toMatchObject([{ status: 'refused', code: 'tenant-not-served' }]);
  });

  it('asks for the next records only when most of its own have been read', async () => {
    const { model, ask } = await desk({ rules: { requestPage: 5 }, httpLatencyMs: () => 2_000 });
    await ask({ requestId: 'paced', resource: 'client' });
    let most = 0;
    for (let second = 0; second < 120; second += 1) {
      most = Math.max(most, model.database.rows.pending.rows.size);
      await model.run(SECOND);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(10);
    expect(model.database.rows.request.rows.size).toBe(0);
  });

  it('is told of while it goes on, but not at every step', async () => {
    const { ask, model, answers } = await desk({ rules: { requestPage: 2 }, httpLatencyMs: () => 500 });
    await ask({ requestId: 'told', resource: 'client' }, 0);
    const began = model.clock.now();
    await model.clock.until('it is done', () => answers('told').at(-1)?.status === 'done');
    const told = answers('told').filter(({ status }) => status === 'working');
    expect(told.length).toBeGreaterThan(1);
    expect(told.length).toBeLessThanOrEqual(1 + (model.clock.now() - began) / (2 * SECOND));
  });

  it('to read a record is answered once, although its deletion waits on for a person', async () => {
    const { model, ask, answers } = await desk();
    for (let id = 1; id <= 25; id += 1) model.twin.remove(9, 'client', id, { notify: false });
    for (let id = 1; id <= 25; id += 1) {
      await ask({ requestId: `gone-${id}`, kind: 'verify', resource: 'client', recordIds: [String(id)] }, 15 * SECOND);
    }
    await model.run(120 * SECOND);
    for (let id = 1; id <= 25; id += 1) {
      const done = answers(`gone-${id}`).filter(({ status }) => status === 'done');
      expect(done).toMatchObject([{ outcome: 'not-at-vendor' }]);
    }
    const held = [...model.database.rows.pending.rows.values()];
    expect(held.length).toBeGreaterThan(0);
    for (const { detail } of held) expect(detail).toMatchObject({ held: true });
    for (const { detail } of held) expect(detail.asked).toBeUndefined();
  });
});
