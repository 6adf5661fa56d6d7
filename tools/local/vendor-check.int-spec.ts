import type { TenantValue } from '@relay/contracts';
import { TokenGiver, fileScope, keyring, provetTenant, serveTwin } from '@relay/testing';
import { ProvetTwin } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckedRelay, findingsOf } from './vendor-check/test-support/checking.ts';

const file = fileScope();
const keys = keyring();
const twin = new ProvetTwin({ seed: 'vendor-check', origin: 'http://127.0.0.1:1', clock: Date.now });
let relay: CheckedRelay;

const tenant = (over: Partial<TenantValue> = {}) =>
  provetTenant({ host: twin.host, scheme: 'http', provetId: 9, ...over });

beforeAll(async () => {
  twin.addTenant({ id: 9, records: 80, offsetMinutes: 60 });
  await serveTwin(file, twin);
  relay = await CheckedRelay.start(file, {
    service: 'provet-sync',
    resources: [],
    keyring: keys,
    vendor: { provetHost: twin.host },
    env: { PROVET_RESOURCES: 'client,patient' },
  });
  await relay.publish(tenant());
  const { tenantId, credentialId } = tenant();
  const broker = new TokenGiver({
    owner: tenantId,
    credentialId: credentialId as string,
    scopes: 'restapi',
    host: twin.host,
    publicJwks: keys.PROVET_TOKEN_PUBLIC_JWKS,
    tokenUrl: `${twin.origin}/9/oauth2/token/`,
    client: twin.tenant(9).credential,
    send: (...message) => relay.send(...message),
  });
  await broker.give();
});

describe('npm run vendor:check', () => {
  it('checks a tenant with the token that token-broker has published, by reading alone', async () => {
    const before = twin.requests.last;
    const ended = await relay.check(tenant().tenantId);
    // Nobody has merged two patients here, so one statement stays open.
    expect(ended, ended.stderr).toMatchObject({ code: 2 });
    expect(findingsOf(ended).get('filter-times.naive')).toContain('UTC+01:00');
    expect(findingsOf(ended).get('hook.target-member')).toBe('"target", by OPTIONS');
    for (const token of twin.tenant(9).tokens.keys()) expect(ended.stdout + ended.stderr).not.toContain(token);
    expect(twin.requests.count(/^(?!GET|OPTIONS)/, before)).toBe(0);
    expect(twin.tenant(9).hooks.size).toBe(0);
  });

  it('finds what a switch of the vendor changes, and a setting that it contradicts', async () => {
    twin.tenant(9).switches.hookTarget = 'hook_url';
    twin.tenant(9).switches.ignoredFilters.add('client.modified__gte');
    const ended = await relay.check(tenant().tenantId, { PROVET_WEBHOOK_URL_FIELD: 'target' });
    expect(ended, ended.stderr).toMatchObject({ code: 1 });
    expect(findingsOf(ended).get('client.modified-filter')).toMatch(/^no/);
    expect((JSON.parse(ended.stdout) as { settings: string[] }).settings).toEqual([
      'PROVET_WEBHOOK_URL_FIELD=hook_url',
    ]);
  });

  it('ends with 75 when the tenant cannot be reached, and says why', async () => {
    const gone = await relay.check(tenant().tenantId, { PROVET_ALLOWED_HOSTS: 'provetcloud.com' });
    expect(gone).toMatchObject({ code: 75, stdout: '' });
    expect(gone.stderr).toContain('PROVET_ALLOWED_HOSTS');
    await relay.publish(tenant({ provetId: 10, state: 'suspended', reason: 'operator' }));
    const suspended = await relay.check(tenant({ provetId: 10 }).tenantId);
    expect(suspended).toMatchObject({ code: 75, stderr: expect.stringContaining('it is suspended (operator)') });
  });

  it('says what is wrong with the question', async () => {
    const unknown = await relay.check('provet:vet.example.com:1');
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('is not a tenant of this relay') });
    const otherVendor = await relay.check('another:UK1');
    expect(otherVendor).toMatchObject({ code: 1, stderr: expect.stringContaining('exact:…, provet:…') });
    const switchedOff = await relay.check('exact:qa:UK1');
    expect(switchedOff).toMatchObject({ code: 1, stderr: expect.stringContaining('EXACT_ENVIRONMENT is empty') });
  });
});
