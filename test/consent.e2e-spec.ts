import type { AuditValue } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConsentingBrowser } from '../apps/token-broker/src/test-support/consenting-browser.js';
import { OidcVendor } from '../apps/token-broker/src/test-support/oidc-vendor.js';
import { RelayStack } from './support/relay-stack.js';

const scope = fileScope();
const SECRET = 'planted-client-secret-of-forty-characters';
/** What must be found nowhere. */
const planted: string[] = [];
let relay: RelayStack;
let vendor: OidcVendor;
let callbackUrl = '';
let origin = '';

beforeAll(async () => {
  vendor = await OidcVendor.start(scope);
  relay = await RelayStack.start(scope, {
    services: ['tenant-registry', 'token-broker', 'gateway'],
    env: { PROVET_ALLOWED_HOSTS: vendor.host },
  });
  origin = relay.gatewayUrl;
  callbackUrl = `${origin}/oauth/callback`;
});

async function join(provetId: number, redirectUris = callbackUrl): Promise<string> {
  const clientId = `client-${provetId}`;
  vendor.addTenant(provetId, { clientId, secret: SECRET, redirectUri: callbackUrl });
  const issuer = vendor.issuerOf(provetId);
  const response = await relay.hookup({
    provet_id: provetId,
    client_id: clientId,
    client_secret: SECRET,
    algorithm: 'RS256',
    authorization_grant_type: 'authorization-code',
    client_type: 'confidential',
    redirect_uris: redirectUris,
    token_url: `${issuer}/token`,
    authorize_url: `${issuer}/auth`,
    openid_autodiscovery_url: `${issuer}/.well-known/openid-configuration`,
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { tenantId: string }).tenantId;
}

async function auditOf(filter: Record<string, string>): Promise<{ items: AuditValue[] }> {
  const query = new URLSearchParams({ limit: '500', ...filter }).toString();
  return (await (await relay.registry(`/audit?${query}`)).json()) as { items: AuditValue[] };
}

function consentLink(tenantId: string): Promise<Response> {
  const body = JSON.stringify({ reason: 'the manager asked' });
  return relay.registry(`/tenants/${encodeURIComponent(tenantId)}/consent-link`, { method: 'POST', body });
}

describe('a practice whose manager has to consent', () => {
  it('gets a link, consents at the vendor, and is active; who consented is shown', async () => {
    const tenantId = await join(61);
    await relay.untilState(tenantId, 'awaiting-consent');
    const answer = await consentLink(tenantId);
    const { url } = (await answer.json()) as { url: string };
    expect(url.startsWith(`${origin}/oauth/provet/`)).toBe(true);
    const browser = new ConsentingBrowser();
    // At once: the invitation may still be on its way to the broker.
    const sent = await browser.open(url);
    expect(sent.status).toBe(302);
    const back = await browser.consentAt(sent.headers.get('location') ?? '', callbackUrl);
    const ended = await browser.open(back);
    expect(ended.status).toBe(303);
    const clean = ended.headers.get('location') ?? '';
    expect(clean).toBe(`${callbackUrl}?outcome=connected`);
    expect(await (await browser.open(clean)).text()).toContain('Your practice is being connected');
    await relay.untilState(tenantId, 'active');
    const tenant = await relay.tenant(tenantId);
    expect(JSON.stringify(tenant?.detail)).toContain('"consentedBy":"Ada Manager"');
    expect((await browser.open(url)).status).toBe(410);
    const [code, state] = ['code', 'state'].map((name) => new URL(back).searchParams.get(name) ?? 'absent');
    const invite = new URL(url).searchParams.get('invite') ?? 'absent';
    for (const service of relay.services.values()) {
      for (const secret of [SECRET, code, state, invite]) expect(service.log()).not.toContain(secret);
    }
    planted.push(SECRET, code as string, state as string, invite);
  });

  it('is found in the audit trail: who did what and why, in order, and no secret', async () => {
    const tenantId = `provet:${vendor.host}:61`;
    const trail = await until('it is all told', async () => {
      const { items } = await auditOf({ tenantId });
      return items.some(({ reason }) => reason === 'link-used') ? items.reverse() : null;
    });
    const told = trail.map(({ actor, action, reason: why }) => `${actor} ${action} ${why}`);
    const expected = [
      'service:token-broker registration-opened hookup',
      'operator:admin consent-link the manager asked',
      'person:unknown consent-begun invitation',
      'person:Ada Manager consent-given invitation',
      'service:token-broker credential-proven hookup',
      'person:unknown consent-failed link-used',
    ];
    expect(told.filter((line) => expected.includes(line))).toEqual(expected);
    const invites = trail.flatMap(({ detail }) => (typeof detail?.['invite'] === 'string' ? [detail['invite']] : []));
    expect(new Set(invites).size).toBe(1);
    const byPerson = await auditOf({ actor: 'person:Ada Manager' });
    expect(byPerson.items.map(({ action }) => action)).toEqual(['consent-given']);
    const everything = JSON.stringify(await auditOf({}));
    for (const secret of planted) expect(everything).not.toContain(secret);
  });

  it('is told when the vendor would not send its manager back', async () => {
    const tenantId = await join(62, 'https://elsewhere.example/callback');
    await until('it says so', async () => (await relay.tenant(tenantId))?.reason === 'redirect-uri-mismatch');
    expect((await relay.tenant(tenantId))?.state).toBe('pending');
    expect((await consentLink(tenantId)).status).toBe(409);
  });
});
