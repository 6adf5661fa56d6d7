import { webhookSigningKey, webhookUrl } from '@relay/contracts';
import type { CallContext } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import type { WebhookSettings } from './prepare-webhooks.js';
import { removeWebhooks } from './remove-webhooks.js';

const host = 'vet.example.com:8443';
const tenant = provetTenant({ host });
const call: CallContext = { tenant, work: 'live', signal: new AbortController().signal, timeoutMs: 1_000 };
const keyOf = (fill: number) => webhookSigningKey(Buffer.alloc(32, fill).toString('base64url'));
const settings: WebhookSettings = {
  mode: 'provision',
  publicUrl: 'https://relay.example.com/',
  keys: [keyOf(1)],
  targetMember: null,
  tryAgainMs: 900_000,
  resources: ['client'],
  book: { note: () => Promise.resolve() },
};
const urlFor = (trigger: number | 'any', key = keyOf(1), provetId = 17) =>
  webhookUrl('https://relay.example.com', { host, provetId, tenantId: tenant.tenantId }, trigger, key);

const HOOKS = [
  { id: 1, trigger: 1, address: urlFor(1) },
  { id: 2, trigger: 1, address: 'https://other.example.com/hook' },
  { id: 3, trigger: 21, target: decodeURIComponent(urlFor(21, keyOf(9))), active: false },
  { id: 4, trigger: 4, url: urlFor('any') },
  { id: 5, trigger: 1, address: urlFor(1, keyOf(1), 171) },
  { id: '../../client/6', trigger: 1, address: urlFor(1) },
];

function removed(
  answers: (id: string) => ScriptedAnswer,
  list: ScriptedAnswer = { body: { next: null, results: HOOKS } },
) {
  const http = new ScriptedHttp((request) =>
    request.method === 'GET' ? list : answers(new URL(request.url).pathname.split('/').at(-2) as string),
  );
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value: 't', version: 3 });
  const calls = new ProvetCalls(http, tokens, new TenantBudgets(0));
  return { http, tokens, outcome: (over: WebhookSettings = settings) => removeWebhooks(calls, call, over) };
}

const GONE: ScriptedAnswer = { status: 204, body: '' };

describe('removing a withdrawn tenant’s webhooks', () => {
  it('removes all that call us, by whatever key, and nobody else’s', async () => {
    const { http, outcome } = removed(() => GONE);
    expect(await outcome()).toMatchObject({ kind: 'departed', reason: null, removed: 3 });
    const base = '/17/api/0.1/hook/webhook/';
    expect(http.asked.slice(1)).toEqual([1, 3, 4].map((id) => `DELETE ${base}${id}/`));
  });

  it('takes a hook that is gone already for removed', async () => {
    const { outcome } = removed((id) => (id === '3' ? { status: 404, body: { detail: 'Not found.' } } : GONE));
    expect(await outcome()).toMatchObject({ kind: 'departed', reason: null, removed: 3 });
  });

  it('says what it may not remove, and goes on with the others', async () => {
    const { outcome } = removed((id) => (id === '1' ? { status: 403 } : GONE));
    expect(await outcome()).toMatchObject({ kind: 'departed', reason: 'webhooks-forbidden', removed: 2 });
  });

  it('gives back what can be tried again, with what was removed so far', async () => {
    const { outcome } = removed((id) => (id === '3' ? { status: 503 } : GONE));
    expect(await outcome()).toMatchObject({ kind: 'unavailable', removed: 1 });
  });

  it('remembers none of them any more, whatever is left at the vendor', async () => {
    const noted: (readonly unknown[])[] = [];
    const book = {
      note: (_tenantId: string, _at: number, hooks: readonly unknown[]) => Promise.resolve(void noted.push(hooks)),
    };
    const { outcome } = removed(() => GONE, { status: 503 });
    expect(await outcome({ ...settings, book })).toMatchObject({ kind: 'unavailable', removed: 0 });
    expect(noted).toEqual([[]]);
  });

  it('tells of a refused token', async () => {
    const { tokens, outcome } = removed(() => GONE, { status: 401 });
    expect(await outcome()).toMatchObject({ kind: 'unauthorized', removed: 0 });
    expect(tokens.refusals).toEqual([3]);
  });

  it('leaves hooks that people have made to people', async () => {
    const { http, outcome } = removed(() => GONE);
    expect(await outcome({ mode: 'manual' })).toMatchObject({
      kind: 'departed',
      reason: 'webhooks-manual',
      removed: 0,
    });
    expect(http.requests).toEqual([]);
  });
});
