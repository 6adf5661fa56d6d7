import { webhookKeyId, webhookSigningKey, webhookUrl } from '@relay/contracts';
import type { CallContext } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, twinScript } from '@relay/testing';
import { ProvetTwin } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import type { NotedHook } from './hook-book.js';
import { prepareWebhooks, preparesBy, type WebhookSettings } from './prepare-webhooks.js';
import { removeWebhooks } from './remove-webhooks.js';
import { missingWebhookKeys } from './webhook-keys.js';

const keyOf = (fill: number) => webhookSigningKey(Buffer.alloc(32, fill).toString('base64url'));
const [older, newer, foreign] = [keyOf(1), keyOf(2), keyOf(3)];
const HERE = 'https://relay.example.com';
type Provision = Extract<WebhookSettings, { mode: 'provision' }>;

/** A practice whose webhooks were made with the older key. */
async function setUp() {
  const twin = new ProvetTwin({ seed: 'exchange', origin: 'http://127.0.0.1:3100', clock: () => 1_000 });
  const clinic = twin.addTenant({ id: 9, records: 1, clientId: 'c', secret: 's' });
  const issued = twin.handle({
    method: 'POST',
    url: '/9/oauth2/token/',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${btoa('c:s')}` },
    body: 'grant_type=client_credentials',
  });
  if (issued.kind !== 'response') throw new Error('no token');
  const { access_token: value } = JSON.parse(issued.body) as { access_token: string };
  const tenant = provetTenant({ host: twin.host, scheme: 'http', provetId: 9 });
  const http = new ScriptedHttp(twinScript(twin));
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value, version: 1 });
  const calls = new ProvetCalls(http, tokens, new TenantBudgets(0));
  const call: CallContext = { tenant, work: 'live', signal: new AbortController().signal, timeoutMs: 1_000 };
  let noted: readonly NotedHook[] = [];
  const settings = (over: Partial<Provision> = {}): Provision => ({
    mode: 'provision',
    publicUrl: HERE,
    keys: [older],
    targetMember: null,
    resources: ['client', 'patient'],
    tryAgainMs: 1_000,
    book: { note: (_tenant, _at, hooks) => Promise.resolve(void (noted = hooks)) },
    ...over,
  });
  const prepare = (over: Partial<Provision> = {}) => prepareWebhooks(calls, call, settings(over));
  const url = (trigger: number | 'any', key = older, base = HERE) =>
    webhookUrl(base, { host: twin.host, provetId: 9, tenantId: tenant.tenantId }, trigger, key);
  const add = (id: number, trigger: number, target: string, over: object = {}) => {
    const [one] = clinic.hooks.values();
    if (one === undefined) throw new Error('no hook');
    clinic.hooks.set(id, { ...one, id, trigger, target, name: 'Made by somebody', ...over });
  };
  const targets = () => [...clinic.hooks.values()].map(({ target }) => target).sort();
  const writes = () => http.asked.filter((asked) => !asked.startsWith('GET') && !asked.startsWith('OPTIONS'));
  expect(await prepare()).toMatchObject({ kind: 'ready', reason: null });
  const before = writes().length;
  return {
    clinic,
    prepare,
    url,
    add,
    targets,
    writes: () => writes().slice(before),
    noted: () => noted,
    depart: () => removeWebhooks(calls, call, settings()),
  };
}

const TRIGGERS = [1, 39, 2];
const all = (url: (trigger: number) => string) => TRIGGERS.map(url).sort();

describe('webhooks of an older key', () => {
  it('are made anew with the first before they are removed, and nothing else is touched', async () => {
    const { prepare, url, add, targets, writes, noted } = await setUp();
    add(901, 1, 'https://another.example/hook', { name: 'Practice Relay 1' });
    add(902, 1, url(1, foreign), { name: 'Practice Relay 1' });
    add(903, 2, url(2), { name: 'Our own' });
    add(904, 1, url(1), { name: 'Practice Relay 1', department: 'https://vet/9/api/0.1/department/1/' });
    const kept = ['https://another.example/hook', url(1, foreign), url(2), url(1)];
    const outcome = await prepare({ keys: [newer, older] });
    expect(outcome).toEqual({ kind: 'ready', noticesFor: ['client', 'patient'], reason: null, againAt: null });
    expect(targets()).toEqual([...all((trigger) => url(trigger, newer)), ...kept].sort());
    const methods = writes().map((asked) => asked.split(' ')[0]);
    expect(methods).toEqual(['POST', 'POST', 'POST', 'DELETE', 'DELETE', 'DELETE']);
    expect(JSON.stringify(noted())).not.toContain(url(1).split('/').at(-1));
    // Ours of the first key, and what people have made with the older one, which ours serve as well.
    expect(noted().map(({ keyId, by, isSpare }) => [keyId, by, isSpare])).toEqual(
      expect.arrayContaining([
        ...TRIGGERS.map(() => [webhookKeyId(newer), 'relay', false]),
        [webhookKeyId(older), 'people', true],
        [null, 'people', true],
      ]),
    );
    expect(await prepare({ keys: [newer, older] })).toMatchObject({ reason: null });
    expect(writes()).toHaveLength(6);
  });

  it('stay where the new ones may not be made, are still served, and are asked about again', async () => {
    const { clinic, prepare, url, targets, noted } = await setUp();
    clinic.switches.hookOptions = false;
    expect(await prepare({ keys: [newer, older] })).toMatchObject({
      noticesFor: ['client', 'patient'],
      reason: 'webhooks-target-unknown',
      againAt: expect.any(Number) as number,
    });
    expect(targets()).toEqual(all((trigger) => url(trigger)));
    expect(noted().every(({ keyId, isSpare }) => keyId === webhookKeyId(older) && !isSpare)).toBe(true);
  });

  it('are told from those of a key that is not ours any more, which nobody touches', async () => {
    const { prepare, url, targets, noted } = await setUp();
    await prepare({ keys: [newer] });
    expect(targets()).toEqual([...all((trigger) => url(trigger)), ...all((trigger) => url(trigger, newer))].sort());
    expect(noted().filter(({ keyId }) => keyId === null)).toHaveLength(3);
  });
});

describe('webhooks that call another address of ours', () => {
  it('are made anew for the present one', async () => {
    const { prepare, url, targets } = await setUp();
    const elsewhere = 'https://relay.example.net/base/';
    expect(await prepare({ publicUrl: elsewhere })).toMatchObject({ reason: null });
    expect(targets()).toEqual(all((trigger) => url(trigger, older, elsewhere)));
  });

  it('are removed with an older key also for a resource that is switched off', async () => {
    const { prepare, url, targets } = await setUp();
    await prepare({ keys: [newer, older], resources: ['client'] });
    expect(targets()).toEqual([1, 39].map((trigger) => url(trigger, newer)).sort());
  });
});

describe('what is remembered of webhooks', () => {
  it('is nothing once the tenant is withdrawn', async () => {
    const { depart, noted } = await setUp();
    expect(noted()).toHaveLength(3);
    await depart();
    expect(noted()).toEqual([]);
  });

  it('names a key that is missing and still needed, and no other', () => {
    const use = { tenantId: 'provet:a:1', by: 'relay', isSpare: false, hooks: 3 } as const;
    const uses = [
      { ...use, keyId: 'first' },
      { ...use, keyId: 'gone' },
      { ...use, tenantId: 'provet:a:2', keyId: 'gone', hooks: 1 },
      { ...use, keyId: 'gone-too', isSpare: true },
      { ...use, keyId: null },
    ];
    expect(missingWebhookKeys(uses, ['first'])).toEqual([
      expect.stringMatching(/^WEBHOOK_KEYS lacks the key gone, which 4 webhooks .* use: provet:a:1, provet:a:2\./),
    ]);
  });

  it('is looked at again when the first key, the address or the resources change', () => {
    const by = (keys: [typeof older, ...(typeof older)[]], publicUrl = HERE, resources = ['client']) =>
      preparesBy({
        mode: 'provision',
        publicUrl,
        keys,
        targetMember: null,
        resources,
        tryAgainMs: 1,
        book: { note: () => Promise.resolve() },
      });
    expect(by([newer, older])).toBe(by([newer]));
    expect(new Set([by([newer]), by([older]), by([newer], 'https://b'), by([newer], HERE, ['patient'])]).size).toBe(4);
    expect(by([newer])).not.toContain(newer.export().toString('base64url'));
  });
});
