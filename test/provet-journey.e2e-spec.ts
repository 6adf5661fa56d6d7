import { recordTopic } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { readControlTopics } from './support/control-topics.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { schemaProblems } from './support/schemas.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const RESOURCES = ['client', 'patient', 'appointment', 'consultation', 'invoice'] as const;
const CLIENT = recordTopic('provet', 'client');
const CONSULTATION = recordTopic('provet', 'consultation');
const APPOINTMENT = recordTopic('provet', 'appointment');
const INVOICE = recordTopic('provet', 'invoice');

describe('a Provet practice, from its registration on', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let busy: string;
  let quiet: string;

  const liveEverywhere = (tenantId: string) =>
    until(`${tenantId} is live`, () => status.allLive(tenantId, RESOURCES), { timeoutMs: 60_000 });
  const counter = (resource: string, name: Parameters<StatusLog['counter']>[2]) => status.counter(busy, resource, name);

  beforeAll(async () => {
    relay = await RelayStack.start(scope);
    log = await EventLog.follow(
      scope,
      relay.kafka,
      RESOURCES.map((resource) => ['provet', resource]),
    );
    status = await StatusLog.follow(scope, relay.kafka);
    busy = await relay.joinProvet({ id: 1, records: 12 });
    relay.simulator.provet.addTenant({ id: 2, records: 5 });
    // The other spelling of the grant, as the vendor's support pages write it.
    const hookup = relay.simulator.provet.hookup(2, {}, 'hyphen');
    await relay.hookup(hookup);
    quiet = relay.tenantId(2);
    await relay.untilState(quiet, 'active');
    await Promise.all([liveEverywhere(busy), liveEverywhere(quiet)]);
  });

  it('reads everything once, in the detail form, as snapshots', () => {
    for (const resource of RESOURCES) {
      const topic = recordTopic('provet', resource);
      for (const id of relay.simulator.provet.ids(1, resource)) {
        const key = `${busy}/${id}`;
        expect(log.record(topic, key), `${topic} ${key}`).toEqual(relay.simulator.provet.record(1, resource, id));
        expect(log.of(key, topic)[0]?.headers['ce_type']).toMatch(/\.snapshot$/);
      }
    }
  });

  it('delivers members that the list form lacks', () => {
    const [id] = relay.simulator.provet.ids(1, 'invoice');
    expect(log.record(INVOICE, `${busy}/${id}`)).toHaveProperty('invoice_row');
  });

  it('turns a change into one event through the webhooks that it made itself', async () => {
    relay.simulator.provet.put(1, 'client', 1, { firstname: 'Changed-by-webhook' });
    const key = `${busy}/1`;
    const event = await until('the event', () =>
      log.of(key, CLIENT).find(({ value }) => value?.record?.['firstname'] === 'Changed-by-webhook'),
    );
    expect(event.value?.lineage).toMatchObject({ cause: 'notice', trigger: 1 });
    expect(event.headers['ce_type']).toBe('practice-relay.provet.client.updated');
    expect(event.value?.changedFields).toContain('/firstname');
  });

  it('fetches a record at most twice for ten webhooks that wait, and ends at the last state', async () => {
    const { provet } = relay.simulator;
    const fault = provet.faults.add({ scope: '1', path: '/client/2/$', delayMs: 1_000 });
    const before = provet.requests.count(/^GET \/1\/api\/0\.1\/client\/2\/$/);
    for (let n = 1; n <= 10; n++) {
      provet.put(1, 'client', 2, { firstname: `Waits-${n}` }, { notify: false });
      expect((await relay.webhook(1, 1, 'client_id=2')).status).toBe(200);
    }
    await until('the last state', () => log.record(CLIENT, `${busy}/2`)?.['firstname'] === 'Waits-10');
    provet.faults.remove(fault);
    expect(provet.requests.count(/^GET \/1\/api\/0\.1\/client\/2\/$/) - before).toBeLessThanOrEqual(2);
  });

  it('heals a change whose webhook was dropped, and counts it once', async () => {
    const before = { missed: counter('client', 'missed'), healed: counter('client', 'healed') };
    relay.simulator.provet.put(1, 'client', 3, { firstname: 'Dropped' }, { notify: 'drop' });
    const healed = await until(
      'the healed record',
      () => log.of(`${busy}/3`, CLIENT).find(({ value }) => value?.record?.['firstname'] === 'Dropped'),
      { timeoutMs: 40_000 },
    );
    expect(healed.value?.lineage.cause).toBe('reconcile');
    await until('missed and healed are counted', () => counter('client', 'healed') === before.healed + 1);
    // Two more checks, the second of which begins after a count of the first would have been published.
    const checks = () => relay.simulator.provet.requests.count(/^GET \/1\/api\/0\.1\/client\/\?.*modified__gte/);
    const seen = checks();
    await until('three more checks have begun', () => checks() >= seen + 3, { timeoutMs: 60_000 });
    expect(counter('client', 'missed')).toBe(before.missed + 1);
    for (const resource of RESOURCES) expect(status.counter(quiet, resource, 'missed')).toBe(0);
  });

  it('takes an `any` URL by the name of the member', async () => {
    relay.simulator.provet.put(1, 'appointment', 1, { title: 'By-any' }, { notify: false });
    expect((await relay.webhook(1, 'any', 'appointment_id=1')).status).toBe(200);
    await until('the event', () => log.record(APPOINTMENT, `${busy}/1`)?.['title'] === 'By-any');
  });

  it('mints once when a token is revoked in mid-flow, and loses nothing', async () => {
    const tenant = relay.simulator.provet.tenant(1);
    const issued = tenant.tokensIssued;
    tenant.revokeTokens();
    for (let id = 1; id <= 10; id++) relay.simulator.provet.put(1, 'client', id, { lastname: 'After-the-revocation' });
    await until(
      'all ten changes',
      () => {
        const present = log.present(CLIENT);
        const name = (id: number) => present.get(`${busy}/${id}`)?.value?.record?.['lastname'];
        return Array.from({ length: 10 }, (_, index) => name(index + 1)).every((it) => it === 'After-the-revocation');
      },
      { timeoutMs: 60_000 },
    );
    expect(tenant.tokensIssued).toBe(issued + 1);
  });

  it('makes a tombstone of a deletion that its trigger announces', async () => {
    relay.simulator.provet.remove(1, 'consultation', 4);
    const key = `${busy}/4`;
    await until('the tombstone', () => log.record(CONSULTATION, key) === null, { timeoutMs: 30_000 });
    expect(log.of(key, CONSULTATION).at(-1)?.headers['ce_type']).toBe('practice-relay.provet.consultation.deleted');
    await until('the deletion is counted', () => counter('consultation', 'deleted') === 1);
  });

  it('deletes nothing when a closed practice answers 404 to everything', async () => {
    const tenantId = await relay.joinProvet({ id: 3, records: 4 });
    await liveEverywhere(tenantId);
    relay.simulator.provet.tenant(3).switches.closed = 'json';
    for (let id = 1; id <= 4; id++) {
      expect((await relay.webhook(3, 1, `client_id=${id}`)).status).toBe(200);
      expect((await relay.webhook(3, 4, `consultation_id=${id}`)).status).toBe(200);
    }
    const tenant = await relay.untilState(tenantId, 'suspended', 60_000);
    expect(tenant.reason).toBe('not-found');
    const deleted = log.events.filter(({ key, value }) => key.startsWith(`${tenantId}/`) && value === null);
    expect(deleted).toEqual([]);
  });

  it('keeps webhooks that come before their tenant and fetches once it is active', async () => {
    const { provet } = relay.simulator;
    provet.addTenant({ id: 4, records: 4 });
    expect((await relay.webhook(4, 21, 'appointment_id=2')).status).toBe(200);
    expect((await relay.hookup(provet.hookup(4))).status).toBe(200);
    await relay.untilState(relay.tenantId(4), 'active');
    await until('the record', () => log.record(APPOINTMENT, `${relay.tenantId(4)}/2`));
    await until('the notice is counted', () => status.counter(relay.tenantId(4), 'appointment', 'notices') === 1);
  });

  it('takes a repeated hookup without asking the vendor again', async () => {
    const tenant = relay.simulator.provet.tenant(2);
    const issued = tenant.tokensIssued;
    const before = await relay.tenant(quiet);
    const again = await relay.hookup(relay.simulator.provet.hookup(2));
    expect([again.status, await again.json()]).toEqual([200, { tenantId: quiet }]);
    relay.simulator.provet.put(2, 'client', 1, { firstname: 'After-the-repeat' });
    await until('events go on', () => log.record(CLIENT, `${quiet}/1`)?.['firstname'] === 'After-the-repeat');
    expect(tenant.tokensIssued).toBe(issued);
    expect((await relay.tenant(quiet))?.version).toBe(before?.version);
  });

  it('suspends a tenant whose secret is wrong, and heals it with the right one', async () => {
    const { provet } = relay.simulator;
    provet.addTenant({ id: 5, records: 2 });
    const hookup = provet.hookup(5);
    expect((await relay.hookup({ ...hookup, client_secret: 'wrong-secret-planted' })).status).toBe(200);
    const tenant = await relay.untilState(relay.tenantId(5), 'suspended');
    expect(tenant.reason).toBe('credential-rejected');
    expect((await relay.hookup(hookup)).status).toBe(200);
    await relay.untilState(relay.tenantId(5), 'active');
  });

  it('lets an operator suspend, resume and withdraw', async () => {
    const path = `/tenants/${encodeURIComponent(quiet)}`;
    const act = async (action: string, reason: string) =>
      (await relay.registry(`${path}/${action}`, { method: 'POST', body: JSON.stringify({ reason }) })).status;
    expect(await act('suspend', 'a test')).toBe(202);
    await relay.untilState(quiet, 'suspended');
    relay.simulator.provet.put(2, 'client', 2, { firstname: 'While-suspended' });
    expect(await act('resume', 'a test')).toBe(202);
    await relay.untilState(quiet, 'active');
    await until('what came meanwhile', () => log.record(CLIENT, `${quiet}/2`)?.['firstname'] === 'While-suspended');
    expect(await act('withdraw', 'a test')).toBe(202);
    await relay.untilState(quiet, 'withdrawn');
    expect(await act('suspend', 'a test')).toBe(409);
  });

  it('leaves a log that keeps every promise', () => {
    expect(log.events.length).toBeGreaterThan(50);
    expect(checkLog(log.events)).toEqual([]);
  });

  it('writes control topics that are valid by the published schemas', async (context) => {
    const topics = [
      'hookup.v1',
      'tenant.v1',
      'credential.v1',
      'token.v1',
      'notice.v1',
      'sync-status.v1',
      'audit.v1',
    ] as const;
    const messages = await readControlTopics(context, relay.kafka, topics);
    for (const topic of topics.slice(1)) expect(messages.map((message) => message.topic)).toContain(topic);
    expect(messages.flatMap(({ topic, value }) => schemaProblems(topic, value))).toEqual([]);
  });

  it('never writes a secret into a log', () => {
    const logs = [...relay.services.values()].map((service) => service.log()).join('\n');
    const planted = [
      relay.keys.HOOKUP_SECRET,
      relay.keys.WEBHOOK_KEYS,
      relay.keys.OPERATOR_TOKEN,
      'wrong-secret-planted',
      relay.simulator.provet.tenant(1).credential.secret,
      relay.hookUrl(1, 1).split('/').at(-1) as string,
      ...relay.simulator.provet.tenant(1).tokens.keys(),
    ];
    for (const secret of planted) expect(logs.includes(secret), `${secret.slice(0, 4)}…`).toBe(false);
  });
});
