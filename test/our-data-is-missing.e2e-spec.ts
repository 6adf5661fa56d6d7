import { recordTopic, type RecordFacts } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const RESOURCES = ['client', 'invoice'] as const;

type Answer = RecordFacts & { outcome?: string; requestId?: string; status?: number; code?: string };

describe('a customer says that data are missing', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let tenantId: string;

  const path = (): string => `/tenants/${encodeURIComponent(tenantId)}`;
  const ask = async (rest: string, body?: object): Promise<Answer> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await (await relay.registry(`${path()}${rest}`, init)).json()) as Answer;
  };
  const verify = (id: number, resource = 'client') => ask(`/records/${resource}/${id}/verify`, { reason: 'a call' });
  const names = (id: number) =>
    log.of(`${tenantId}/${id}`, CLIENT).map(({ value }) => value?.record?.['firstname'] ?? null);
  const finished = (requestId: string | undefined) =>
    until('the request is done', async () => {
      const { detail } = (await relay.tenant(tenantId)) as unknown as {
        detail: { requests: { requestId: string; status: string; progress: { asked: number } }[] };
      };
      const found = detail.requests.find((one) => one.requestId === requestId);
      return found?.status === 'done' ? found : null;
    });

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      env: {
        PROVET_RESOURCES: RESOURCES.join(','),
        // No check comes by itself while this runs: what is found was asked for.
        PROVET_RECONCILE_SECONDS: '3600',
        PROVET_SWEEP_SECONDS: '86400',
        PROVET_BUDGET_SHARE: '0',
      },
    });
    log = await EventLog.follow(
      scope,
      relay.kafka,
      RESOURCES.map((resource) => ['provet', resource]),
    );
    status = await StatusLog.follow(scope, relay.kafka);
    tenantId = await relay.joinProvet({ id: 5, records: 30 });
    await until('it is live', () => status.allLive(tenantId, RESOURCES), { timeoutMs: 60_000 });
  });

  it('is shown where a record stands in the log', async () => {
    const event = await until('the event', () => log.of(`${tenantId}/1`, CLIENT)[0]);
    const found = await until('it was seen in the log', async () => {
      const answer = await ask('/records/client/1');
      return answer.log === null ? null : answer;
    });
    expect(found).toMatchObject({ state: 'present', cause: 'backfill', waiting: null });
    expect(found.version).toBe(Number(event.headers['ce_recordversion']));
    expect(found.log).toMatchObject({ topic: CLIENT, version: found.version });
    expect(await ask('/records/client/999999')).toMatchObject({ status: 404, code: 'no-such-record' });
    expect((await ask('/records/shift/1')).state).toBe('not-enabled');
  });

  it('has a change without its webhook found, published and counted', async () => {
    expect((await verify(1)).outcome).toBe('same');
    relay.simulator.provet.put(5, 'client', 1, { firstname: 'Lost-webhook' }, { notify: 'drop' });
    const healed = await verify(1);
    expect(healed.outcome).toBe('healed');
    await until('the event', () => names(1).at(-1) === 'Lost-webhook');
    expect(Number(log.of(`${tenantId}/1`, CLIENT).at(-1)?.headers['ce_recordversion'])).toBe(healed.version);
    await until('it is counted', () => status.counter(tenantId, 'client', 'missed') === 1);
    expect((await verify(1)).outcome).toBe('same');
    expect((await verify(999_999)).outcome).toBe('not-at-vendor');
    expect((await verify(1, 'shift')).outcome).toBe('not-enabled');
  });

  it('is told when the practice does not answer', async () => {
    const fault = relay.simulator.provet.faults.add({ scope: '5', path: '.', effect: { kind: 'status', status: 503 } });
    const told = await until(
      'the practice is offline',
      async () => {
        const { outcome } = await verify(2);
        return outcome === 'practice-offline-since' ? outcome : null;
      },
      { timeoutMs: 40_000 },
    );
    expect(told).toBe('practice-offline-since');
    relay.simulator.provet.faults.remove(fault);
    await until('it is back', async () => (await verify(2)).outcome === 'same', { timeoutMs: 40_000 });
  });

  it('has a resync find all that was lost, over a process that is killed', async () => {
    for (const id of [2, 3, 4]) {
      relay.simulator.provet.put(5, 'client', id, { firstname: `Resynced-${id}` }, { notify: 'drop' });
    }
    const { requestId } = await ask('/resync', { resource: 'client', reason: 'they miss changes' });
    await relay.killAndRestart('provet-sync');
    // Changes younger than the grace are published when it is over.
    await until('all are there', () => [2, 3, 4].every((id) => names(id).at(-1) === `Resynced-${id}`), {
      timeoutMs: 120_000,
    });
    expect((await finished(requestId)).progress.asked).toBeGreaterThanOrEqual(30);
  });

  it('has a replay send the present versions again, as they are', async () => {
    const before = log.of(`${tenantId}/9`, CLIENT);
    const { requestId } = await ask('/replay', { resource: 'client', recordIds: ['9'], reason: 'a new consumer' });
    await finished(requestId);
    const again = await until('it is there again', () => log.of(`${tenantId}/9`, CLIENT)[before.length]);
    expect(again.headers['ce_id']).toBe(before.at(-1)?.headers['ce_id']);
    expect(again.headers['ce_cause']).toBe('replay');
    expect(await ask('/resync', { resource: 'clients' })).toMatchObject({ status: 400 });
  });

  it('has everything compared with the vendor, and its permissions looked at, when somebody asks', async () => {
    const reports = async () => {
      const { detail } = (await relay.tenant(tenantId)) as unknown as { detail: { requests: { kind: string }[] } };
      return detail.requests.map(({ kind }) => kind);
    };
    const { requestId } = await ask('/compare', { reason: 'is all of it here?' });
    expect((await finished(requestId)).progress.asked).toBe(RESOURCES.length);
    relay.simulator.provet.tenant(5).forbid('invoice');
    const check = await ask('/check-permissions', { reason: 'they have changed something' });
    await finished(check.requestId);
    await until('it is seen', () => status.phase(tenantId, 'invoice') === 'forbidden');
    relay.simulator.provet.tenant(5).forbid('invoice', false);
    await finished((await ask('/check-permissions', {})).requestId);
    await until('and that it is over', () => status.phase(tenantId, 'invoice') === 'live');
    expect(await reports()).toEqual(expect.arrayContaining(['compare', 'check-permissions']));
  });

  it('loses nothing over a pause', async () => {
    await ask('/suspend', { reason: 'they ask for it' });
    await until('it is paused', () => status.phase(tenantId, 'client') === 'paused');
    expect(await verify(10)).toMatchObject({ outcome: 'paused', detail: 'suspended: operator' });
    relay.simulator.provet.put(5, 'client', 10, { firstname: 'In-the-pause' });
    const notices = () => status.counter(tenantId, 'client', 'notices');
    await until('the notice was taken', () => notices() > 0);
    expect(names(10)).not.toContain('In-the-pause');
    await ask('/resume', { reason: 'go on' });
    await until('the change', () => names(10).at(-1) === 'In-the-pause');
  });

  it('leaves a log in which every record is as the vendor has it', () => {
    expect(checkLog(log.events)).toEqual([]);
  });
});
