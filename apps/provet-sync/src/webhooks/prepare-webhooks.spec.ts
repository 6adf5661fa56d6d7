import { webhookSigningKey, webhookUrl } from '@relay/contracts';
import type { CallContext } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import { prepareWebhooks, type WebhookSettings } from './prepare-webhooks.js';
import { targetMemberOf } from './target-member.js';

const host = 'vet.example.com:8443';
const tenant = provetTenant({ host });
const call: CallContext = { tenant, work: 'live', signal: new AbortController().signal, timeoutMs: 1_000 };
const keyOf = (fill: number) => webhookSigningKey(Buffer.alloc(32, fill).toString('base64url'));
const first = keyOf(1);
const older = keyOf(2);
const NOW = 1_000_000;
const AGAIN = 77_000;
const settings = (over: object = {}): WebhookSettings => ({
  mode: 'provision',
  publicUrl: 'https://relay.example.com',
  keys: [first, older],
  targetMember: null,
  resources: ['client', 'patient'],
  tryAgainMs: AGAIN,
  book: { note: () => Promise.resolve() },
  ...over,
});
const urlFor = (trigger: number | 'any', key = first) =>
  webhookUrl('https://relay.example.com', { host, provetId: 17, tenantId: tenant.tenantId }, trigger, key);
const hooksBody = (hooks: unknown[], next: string | null = null) => ({ body: { count: 1, next, results: hooks } });
const OPTIONS = {
  body: {
    actions: {
      POST: {
        url: { type: 'field', read_only: true },
        trigger: { type: 'choice' },
        address: { type: 'url' },
        name: { type: 'string' },
      },
    },
  },
};

interface Vendor {
  patch?: ScriptedAnswer;
  list?: (page: number) => ScriptedAnswer;
  options?: ScriptedAnswer;
  post?: (body: Record<string, unknown>) => ScriptedAnswer;
}

function prepared(vendor: Vendor, over: object = {}) {
  const made: Record<string, unknown>[] = [];
  const http = new ScriptedHttp((request) => {
    const page = Number(new URL(request.url).searchParams.get('page') ?? 1);
    if (request.method === 'GET') return vendor.list?.(page) ?? hooksBody([]);
    if (request.method === 'OPTIONS') return vendor.options ?? OPTIONS;
    if (request.method === 'PATCH') return vendor.patch ?? { body: {} };
    if (request.method === 'DELETE') return { status: 204, body: '' };
    const body = JSON.parse(request.body ?? '') as Record<string, unknown>;
    made.push(body);
    return vendor.post?.(body) ?? { status: 201, body };
  });
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value: 't', version: 3 });
  const calls = new ProvetCalls(http, tokens, new TenantBudgets(0));
  const mode = over as WebhookSettings;
  const outcome = prepareWebhooks(calls, call, 'mode' in mode ? mode : settings(over), () => NOW);
  return { http, made, outcome };
}

describe('preparing a tenant’s webhooks', () => {
  it('makes one hook for every trigger of the enabled resources', async () => {
    const { made, outcome } = prepared({});
    expect(await outcome).toMatchObject({
      kind: 'ready',
      noticesFor: ['client', 'patient'],
      reason: null,
      againAt: null,
    });
    expect(made.map((hook) => hook['trigger'])).toEqual([1, 39, 2]);
    expect(made[0]).toEqual({
      trigger: 1,
      name: 'Practice Relay 1',
      address: urlFor(1),
      content_type: 1,
      active: true,
    });
  });

  it('makes none that is there, in whichever encoding, and leaves others alone', async () => {
    const hooks = [
      { trigger: 1, target: decodeURIComponent(urlFor(1)), active: true, department: null },
      { trigger: '39', target: urlFor(39) },
      { trigger: 2, target: 'https://another.example/hook', active: true },
      { trigger: 2, target: urlFor('any'), active: true, department: '' },
    ];
    const { http, outcome } = prepared({
      list: (page) => (page === 1 ? hooksBody(hooks.slice(0, 2), 'x') : hooksBody(hooks.slice(2))),
    });
    expect(await outcome).toMatchObject({ noticesFor: ['client', 'patient'], reason: null });
    expect(http.asked).toEqual([
      'GET /17/api/0.1/hook/webhook/?page_size=50',
      'GET /17/api/0.1/hook/webhook/?page=2&page_size=50',
    ]);
  });

  it('makes its own beside one that is off, of a department, of another trigger, or hides a deletion', async () => {
    const hooks = [
      { trigger: 1, target: urlFor(1), active: false },
      { trigger: 2, target: urlFor(2), department: 'https://vet.example.com/17/api/0.1/department/1/' },
      { trigger: 1, target: urlFor(39) },
      { trigger: 39, target: urlFor('any') },
    ];
    const { made, outcome } = prepared({ list: () => hooksBody(hooks) });
    await outcome;
    expect(made.map((hook) => hook['trigger'])).toEqual([1, 39, 2]);
  });

  it('takes the member from the settings without asking', async () => {
    const { http, made, outcome } = prepared({}, { targetMember: 'hook_url' });
    await outcome;
    expect(http.asked.some((asked) => asked.startsWith('OPTIONS'))).toBe(false);
    expect(made[0]?.['hook_url']).toBe(urlFor(1));
  });

  it.each<[string, Vendor, string]>([
    ['403 on the list', { list: () => ({ status: 403 }) }, 'webhooks-forbidden'],
    ['404 on the list', { list: () => ({ status: 404, body: { detail: 'x' } }) }, 'webhooks-not-offered'],
    ['405 on the list', { list: () => ({ status: 405 }) }, 'webhooks-not-offered'],
    ['403 on OPTIONS', { options: { status: 403 } }, 'webhooks-forbidden'],
    ['a target that cannot be learnt', { options: { body: { actions: {} } } }, 'webhooks-target-unknown'],
    ['403 on creating', { post: () => ({ status: 403 }) }, 'webhooks-forbidden'],
    ['400 on creating', { post: () => ({ status: 400 }) }, 'webhooks-refused'],
  ])(
    'leaves the tenant to people after %s, and tries again at the pace of the checks',
    async (_name, vendor, reason) => {
      expect(await prepared(vendor).outcome).toMatchObject({
        kind: 'ready',
        noticesFor: [],
        reason,
        againAt: NOW + AGAIN,
      });
    },
  );

  it('counts a resource only when all its change triggers stand', async () => {
    const post = (body: Record<string, unknown>) => (body['trigger'] === 2 ? { status: 400 } : { status: 201, body });
    expect(await prepared({ post }).outcome).toMatchObject({ noticesFor: ['client'], reason: 'webhooks-refused' });
    const deletion = (body: Record<string, unknown>) =>
      body['trigger'] === 39 ? { status: 400 } : { status: 201, body };
    expect(await prepared({ post: deletion }).outcome).toMatchObject({ noticesFor: ['client', 'patient'] });
  });

  it('asks for no further one where the permission is missing, but for each where one is refused by itself', async () => {
    const refused = async (status: number) => {
      const { made, outcome } = prepared({ post: () => ({ status }) });
      await outcome;
      return made.length;
    };
    expect(await refused(403)).toBe(1);
    expect(await refused(400)).toBe(3);
  });

  it.each([
    ['an empty page that names another', () => [], 1],
    ['a list without an end', () => [{ trigger: 1, target: 'https://another.example/hook' }], 100],
  ])('reads no further than it must: %s', async (_name, rows, pages) => {
    const { http, outcome } = prepared(
      { list: () => hooksBody(rows(), 'x') },
      { targetMember: 'address', resources: [] },
    );
    await outcome;
    // Once to plan by; nothing was changed, so it is not listed again.
    expect(http.asked.filter((asked) => asked.startsWith('GET'))).toHaveLength(pages);
  });

  it('says what it may not put right, and makes the others all the same', async () => {
    const drifted = { id: 7, name: 'Practice Relay 1', trigger: 1, target: urlFor(1), active: false };
    const { made, outcome } = prepared({ list: () => hooksBody([drifted]), patch: { status: 403 } });
    expect(await outcome).toMatchObject({ kind: 'ready', reason: 'webhooks-forbidden', againAt: NOW + AGAIN });
    expect(made.map((hook) => hook['trigger'])).toEqual([1, 39, 2]);
    const lost = prepared({ list: () => hooksBody([drifted]), patch: { status: 503 } });
    expect(await lost.outcome).toMatchObject({ kind: 'unavailable' });
    expect(lost.made).toEqual([]);
  });

  it('never touches one that calls somebody else, whatever its name', async () => {
    const foreign = { id: 8, name: 'Practice Relay 1', trigger: 1, target: 'https://another.example/', active: false };
    const { http, outcome } = prepared({ list: () => hooksBody([foreign]) });
    await outcome;
    expect(http.asked.some((asked) => /^(?:PATCH|DELETE)/.test(asked))).toBe(false);
  });

  it('of two that are the same keeps the oldest that is on', async () => {
    const own = { name: 'Practice Relay 2', trigger: 2, target: urlFor(2) };
    const hooks = [
      { ...own, id: 12, active: true },
      { ...own, id: 10, active: true, content_type: 1 },
      { trigger: 1, target: urlFor(1) },
      { trigger: 39, target: urlFor(39) },
    ];
    const { http, outcome } = prepared({ list: () => hooksBody(hooks) });
    await outcome;
    expect(http.asked.filter((asked) => asked.startsWith('DELETE'))).toEqual(['DELETE /17/api/0.1/hook/webhook/12/']);
  });

  it.each<[string, Vendor, object]>([
    ['503', { list: () => ({ status: 503 }) }, { kind: 'unavailable' }],
    ['401', { list: () => ({ status: 401 }) }, { kind: 'unauthorized', tokenVersion: 3 }],
    ['a lost answer to a creation', { post: () => ({ fault: 'timeout' }) }, { kind: 'unavailable' }],
    ['a list that is none', { list: () => ({ body: 'x' }) }, { kind: 'record-fault' }],
  ])('comes again after %s', async (_name, vendor, failure) => {
    const { made, outcome } = prepared(vendor);
    expect(await outcome).toMatchObject(failure);
    expect(made.length).toBeLessThanOrEqual(1);
  });

  it.each(['manual', 'off'] as const)('makes no call in mode %s', async (mode) => {
    const { http, outcome } = prepared({}, { mode });
    expect(await outcome).toMatchObject({ kind: 'ready', noticesFor: [], againAt: null });
    expect(http.requests).toEqual([]);
  });
});

describe('the member that takes the target', () => {
  const learn = (post: object) => targetMemberOf(JSON.stringify({ actions: { POST: post } }));

  it('is the only writable one of type url', () => {
    expect(learn({ url: { type: 'url', read_only: true }, where: { type: 'url' } })).toBe('where');
  });
  it('is the only likely name where no type tells', () => {
    expect(learn({ name: { type: 'string' }, hook_url: { type: 'string' } })).toBe('hook_url');
    expect(learn({ target: { type: 'url' }, picture: { type: 'url' } })).toBe('target');
  });
  it('is not guessed among several, or from nothing', () => {
    expect(learn({ a: { type: 'url' }, b: { type: 'url' } })).toBeNull();
    expect(learn({ target: {}, hook_url: {} })).toBeNull();
    expect(learn({ name: { type: 'string' } })).toBeNull();
    expect(targetMemberOf('<html>')).toBeNull();
  });
});
