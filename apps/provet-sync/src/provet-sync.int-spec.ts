import { recordTopic, type RecordEventValue, type SyncStatusValue, type TokenCommandValue } from '@relay/contracts';
import { RunningConnector, TokenGiver, fileScope, keyring, provetTenant, serveTwin, until } from '@relay/testing';
import { ProvetTwin } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROVET_SCOPES } from './calls/provet-calls.js';
import { provetSync } from './provet-sync.service-definition.js';

/** Beyond the usual: one with a reduced list, one without `id` that is part of another, one without a time of change. */
const FURTHER = ['item', 'invoicerow', 'vatgroup'] as const;
const RESOURCES = ['client', 'patient', 'invoice', ...FURTHER];
const topicOf = (resource: string) => recordTopic('provet', resource);
const CLIENT = recordTopic('provet', 'client');
const file = fileScope();
const keys = keyring();
const twin = new ProvetTwin({ seed: 'provet-sync', origin: 'http://127.0.0.1:1', clock: Date.now });
let connector: RunningConnector<typeof provetSync.settings>;
let broker: TokenGiver;

const tenant = () => provetTenant({ host: twin.host, scheme: 'http', provetId: 9 });

async function notice(trigger: number, recordId: string, resource = 'client'): Promise<void> {
  const { tenantId } = tenant();
  const receivedAt = new Date().toISOString();
  const value = { noticeId: `n-${Math.random()}`, tenantId, trigger, resource, recordId, receivedAt };
  await connector.send('notice.v1', tenantId, tenantId, value);
}

const records = () => connector.latest<RecordEventValue>(CLIENT);
const commands = () => connector.seen('token-command.v1') as readonly TokenCommandValue[];
const key = (id: number) => `${tenant().tenantId}/${id}`;
const further = (resource: string, id: number) => connector.latest<RecordEventValue>(topicOf(resource)).get(key(id));
const statusOf = (resource: string) =>
  connector.latest<SyncStatusValue>('sync-status.v1').get(`${tenant().tenantId}/${resource}`);
const becomes = (id: number, remarks: string) =>
  until(`client ${id} says ${remarks}`, () => records().get(key(id))?.record?.['remarks'] === remarks);

beforeAll(async () => {
  twin.addTenant({ id: 9, records: 40 });
  await serveTwin(file, twin);
  connector = await RunningConnector.start(file, provetSync, {
    keyring: keys,
    resources: RESOURCES,
    watches: [CLIENT, ...FURTHER.map(topicOf), 'sync-status.v1', 'token-command.v1'],
    vendor: { provetHost: twin.host },
    env: { PROVET_RESOURCES: RESOURCES.join(','), PROVET_RECONCILE_SECONDS: '3600' },
  });
  const { tenantId, credentialId } = tenant();
  broker = new TokenGiver({
    owner: tenantId,
    credentialId: credentialId as string,
    scopes: PROVET_SCOPES,
    host: twin.host,
    publicJwks: keys.PROVET_TOKEN_PUBLIC_JWKS,
    tokenUrl: `${twin.origin}/9/oauth2/token/`,
    client: twin.tenant(9).credential,
    send: (...message) => connector.send(...message),
  });
});

describe('provet-sync on real Kafka and Postgres', () => {
  it('makes webhooks and reads everything of a tenant once it is active and has a token', async () => {
    await connector.send('tenant.v1', tenant().tenantId, tenant().tenantId, tenant());
    await broker.give();
    await until('40 clients', () => records().size >= 40);
    for (const id of twin.ids(9, 'client')) {
      expect(records().get(key(id))?.record).toEqual(twin.record(9, 'client', id));
    }
    await until('clients are live', () => statusOf('client')?.phase === 'live');
    const made = [...twin.tenant(9).hooks.values()].map((hook) => hook.trigger);
    expect(made.sort((a, b) => a - b)).toEqual([1, 2, 9, 10, 15, 23, 39, 60]);
  });

  it('publishes a change as soon as it is told of it', async () => {
    twin.put(9, 'client', 5, { remarks: 'moved house' });
    await notice(1, '5');
    await becomes(5, 'moved house');
    expect(records().get(key(5))?.lineage).toMatchObject({ cause: 'notice', trigger: 1 });
  });

  it('tells the broker of a token that was taken back, and goes on with the next', async () => {
    twin.tenant(9).revokeTokens();
    twin.put(9, 'client', 6, { remarks: 'after the token' });
    await notice(1, '6');
    await until('the broker is told', () => commands().some((command) => command.version === broker.version));
    expect(commands()).toHaveLength(1);
    await broker.give();
    await becomes(6, 'after the token');
  });

  it('deletes what the vendor has deleted, once the API itself says so', async () => {
    twin.remove(9, 'client', 7);
    await notice(39, '7');
    await until('client 7 is gone', () => records().get(key(7)) === null);
    expect(records().get(key(8))).not.toBeNull();
  });

  it.each(FURTHER)('relays %s, which the catalogue knows, like any other', async (resource) => {
    await until(`${resource} is live`, () => statusOf(resource)?.phase === 'live');
    const ids = twin.ids(9, resource);
    expect(ids.length).toBeGreaterThan(3);
    for (const id of ids) {
      const value = further(resource, id);
      expect(value).toMatchObject({ resource, recordId: String(id), record: twin.record(9, resource, id) });
    }
    expect('modified' in (twin.record(9, resource, 1) ?? {})).toBe(resource !== 'vatgroup');
  });

  it('takes notices of those that have triggers', async () => {
    twin.put(9, 'item', 3, { name: 'Bandage, wide' });
    twin.remove(9, 'invoicerow', 4);
    await notice(15, '3', 'item');
    await notice(23, '4', 'invoicerow');
    await until('the item', () => further('item', 3)?.record?.['name'] === 'Bandage, wide');
    expect(further('item', 3)?.lineage).toMatchObject({ cause: 'notice', trigger: 15 });
    await until('the row is gone', () => further('invoicerow', 4) === null);
  });

  it('reads the parts again of what was changed, although they say nothing themselves', async () => {
    const of = (id: number) => further('invoicerow', id);
    const modified = Date.parse(of(5)?.record?.['modified'] as string);
    // A line that was changed without moving its time of change, and one that was taken off without a webhook.
    twin.put(9, 'invoicerow', 5, { name: 'Corrected line' }, { notify: false, modifiedAt: modified });
    twin.remove(9, 'invoicerow', 6, { notify: false });
    twin.put(9, 'invoice', 5, { remarks: 'corrected' });
    twin.put(9, 'invoice', 6, { invoice_row: [] });
    await notice(9, '5', 'invoice');
    await notice(9, '6', 'invoice');
    await until('the line', () => of(5)?.record?.['name'] === 'Corrected line');
    expect(of(5)?.lineage).toMatchObject({ cause: 'poll', trigger: null });
    await until('the other line is gone', () => of(6) === null);
    expect(of(7)).not.toBeNull();
  });

  it('makes topics of what is enabled, and of nothing else', async () => {
    const topics = (await connector.listTopics()).filter((name) => name.startsWith('provet.'));
    expect(topics.sort()).toEqual(RESOURCES.map(topicOf).sort());
  });

  it('writes no token and no path with an id into its log', () => {
    const text = connector.lines.join('');
    expect(connector.lines.length).toBeGreaterThan(10);
    for (const token of twin.tenant(9).tokens.keys()) expect(text).not.toContain(token);
    expect(text).not.toMatch(/api\/0\.1\/client\/\d/);
  });
});
