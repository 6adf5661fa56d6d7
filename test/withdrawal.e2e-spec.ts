import { recordTopic, type AuditValue } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { readControlTopics } from './support/control-topics.js';
import { EventLog, type SeenEvent } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const RESOURCES = ['client', 'patient'] as const;
const RECORDS = 8;
/** 15 seconds: long enough to look at what is withdrawn before it is purged. */
const PURGE_AFTER_DAYS = String(15 / 86_400);
const FOREIGN = 990;

describe('a Provet practice that is withdrawn, purged, and comes back', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let tenantId: string;
  let before: SeenEvent[];

  const ofTenant = () => log.events.filter((event) => event.key.startsWith(`${tenantId}/`));
  const alive = () =>
    RESOURCES.flatMap((resource) =>
      [...log.present(recordTopic('provet', resource))].filter(
        ([key, { value }]) => value !== null && key.startsWith(`${tenantId}/`),
      ),
    );
  const secrets = async (topic: 'token.v1' | 'credential.v1') =>
    (await readControlTopics(scope, relay.kafka, [topic])).filter(({ key }) => key.startsWith(`${tenantId}/`)).at(-1);

  const statusShown = async () => JSON.stringify(await relay.tenant(tenantId)).includes('"phase"');

  beforeAll(async () => {
    relay = await RelayStack.start(scope, { env: { PURGE_AFTER_DAYS, PROVET_RESOURCES: RESOURCES.join(',') } });
    log = await EventLog.follow(
      scope,
      relay.kafka,
      RESOURCES.map((resource) => ['provet', resource]),
    );
    status = await StatusLog.follow(scope, relay.kafka);
    tenantId = await relay.joinProvet({ id: 1, records: RECORDS });
    const other = await relay.joinProvet({ id: 2, records: 3 });
    for (const id of [tenantId, other]) {
      await until(`${id} is live`, () => status.allLive(id, RESOURCES), { timeoutMs: 60_000 });
    }
    const { hooks } = relay.simulator.provet.tenant(1);
    const [one] = hooks.values();
    if (one === undefined) throw new Error('no hook');
    hooks.set(FOREIGN, { ...one, id: FOREIGN, target: 'http://127.0.0.1:9/somebody-else' });
    before = ofTenant();
  });

  it('removes its own webhooks on the old token, then revokes the token, then destroys the secrets', async () => {
    const { provet } = relay.simulator;
    const own = [...provet.tenant(1).hooks.keys()].filter((id) => id !== FOREIGN);
    expect(own.length).toBeGreaterThanOrEqual(RESOURCES.length);
    expect(await statusShown()).toBe(true);
    const seen = provet.requests.last;
    expect(provet.tenant(1).tokens.size).toBeGreaterThan(0);
    const reason = JSON.stringify({ reason: 'contract ended' });
    const path = `/tenants/${encodeURIComponent(tenantId)}/withdraw`;
    expect((await relay.registry(path, { method: 'POST', body: reason })).status).toBe(202);
    await until('the token is revoked', () => provet.tenant(1).tokens.size === 0, { timeoutMs: 60_000 });
    expect([...provet.tenant(1).hooks.keys()]).toEqual([FOREIGN]);
    const requests = provet.requests.list(/^[A-Z]+ \/1\//, seen).map(({ method, path: asked }) => `${method} ${asked}`);
    const first = requests.findIndex((request) => request.startsWith('GET /1/api/0.1/hook/webhook/'));
    expect(requests.slice(first)).toEqual([
      'GET /1/api/0.1/hook/webhook/?page_size=50',
      ...own.map((id) => `DELETE /1/api/0.1/hook/webhook/${id}/`),
      'POST /1/oauth2/revoke_token/',
    ]);
    await until('its token is gone from the topic', async () => {
      const stored = await secrets('credential.v1');
      return (stored?.value as { code?: string } | undefined)?.code === 'withdrawn';
    });
  });

  it('is not called any more, whatever is heard of it', async () => {
    const { provet } = relay.simulator;
    const seen = provet.requests.last;
    provet.put(1, 'client', 1, { firstname: 'After-the-end' }, { notify: false });
    expect((await relay.webhook(1, 1, 'client_id=1')).status).toBe(200);
    // A change of the other practice has come through the same topic and lane clock in the meantime.
    provet.put(2, 'client', 1, { firstname: 'Served-on' }, { notify: false });
    expect((await relay.webhook(2, 1, 'client_id=1')).status).toBe(200);
    const key = `${relay.tenantId(2)}/1`;
    await until('the other is served', () => {
      return log.record(recordTopic('provet', 'client'), key)?.['firstname'] === 'Served-on';
    });
    expect(provet.requests.list(/^[A-Z]+ \/1\//, seen)).toEqual([]);
    expect(alive()).toHaveLength(2 * RECORDS);
  });

  it('leaves a tombstone for every record, and a receipt', async () => {
    await relay.untilState(tenantId, 'purged', 60_000);
    await until('nothing of it is alive', () => alive().length === 0, { timeoutMs: 30_000 });
    const receipt = await until(
      'the receipt',
      async () => {
        const entries = await readControlTopics(scope, relay.kafka, ['audit.v1']);
        return entries.map(({ value }) => value as AuditValue).find((one) => one.action === 'purged');
      },
      { timeoutMs: 30_000, everyMs: 1_000 },
    );
    expect(receipt).toMatchObject({ actor: 'service:provet-sync', tenantId });
    expect(receipt.detail?.['records']).toEqual({ client: RECORDS, patient: RECORDS });
    const highest = Math.max(...before.map((event) => event.version));
    for (const event of ofTenant().filter(({ value }) => value === null))
      expect(event.version).toBeGreaterThan(highest);
    await until('its statuses are gone', async () => !(await statusShown()));
    expect(status.allLive(relay.tenantId(2), RESOURCES)).toBe(true);
  });

  it('can be read in the audit trail, from the operator to the receipt', async () => {
    const expected = ['withdraw', 'withdrawal-begun', 'tokens-revoked', 'purge-ordered', 'purged'];
    const told = await until('the trail is complete', async () => {
      const answer = await relay.registry(`/audit?tenantId=${encodeURIComponent(tenantId)}&limit=500`);
      const { items } = (await answer.json()) as { items: AuditValue[] };
      const found = items.reverse().filter(({ action }) => expected.includes(action));
      return found.some(({ action }) => action === 'purged') ? found : null;
    });
    expect(told.map(({ action }) => action)).toEqual(expected);
    expect(told[0]).toMatchObject({ actor: 'operator:admin', reason: 'contract ended' });
    expect(told.at(-1)).toMatchObject({ actor: 'service:provet-sync' });
  });

  it('begins anew when it registers again', async () => {
    const highest = Math.max(...ofTenant().map((event) => event.version));
    expect((await relay.hookup(relay.simulator.provet.hookup(1))).status).toBe(200);
    await relay.untilState(tenantId, 'active', 60_000);
    await until('all its records are back', () => alive().length === 2 * RECORDS, { timeoutMs: 60_000 });
    for (const [, event] of alive()) {
      expect(event.version).toBeGreaterThan(highest);
      expect(event.headers['ce_type']).toMatch(/\.snapshot$/);
    }
    expect(relay.simulator.provet.tenant(1).hooks.size).toBeGreaterThan(RESOURCES.length);
    expect(checkLog(log.events)).toEqual([]);
  });
});
