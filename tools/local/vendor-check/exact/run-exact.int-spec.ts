import { EXACT_RESOURCES, exactScopesWanted, type TenantValue } from '@relay/contracts';
import { ExactGiver, exactTenant, fileScope, keyring, serveTwin } from '@relay/testing';
import { EXACT_SCOPES, ExactTwin } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckedRelay, findingsOf } from '../test-support/checking.ts';

const file = fileScope();
const keys = keyring();
const client = { clientId: 'relay', secret: 'known-to-the-broker-alone' };
const twin = new ExactTwin({ seed: 'vendor-check', origin: 'http://127.0.0.1:1', clock: Date.now });
let relay: CheckedRelay;
let broker: ExactGiver;

async function publish(over: Partial<TenantValue> = {}): Promise<string> {
  const value = exactTenant({ credentialId: broker.credentialId, ...over });
  await relay.publish(value);
  return value.tenantId;
}

beforeAll(async () => {
  for (const id of ['UKTEST1', 'UKTEST2']) twin.addPractice({ id, records: 120 });
  twin.addClient({ id: client.clientId, secret: client.secret });
  await serveTwin(file, twin);
  relay = await CheckedRelay.start(file, {
    service: 'exact-sync',
    resources: EXACT_RESOURCES,
    keyring: keys,
    vendor: { exact: { url: twin.origin, clientId: '', secret: '' } },
  });
  broker = new ExactGiver({
    environment: 'qa',
    publicJwks: keys.EXACT_TOKEN_PUBLIC_JWKS,
    origin: twin.origin,
    client,
    wanted: exactScopesWanted(EXACT_RESOURCES),
    granted: () => EXACT_SCOPES,
    send: (...message) => relay.send(...message),
  });
  await broker.give();
  await publish();
});

describe('npm run vendor:check of a practice of EXACT', () => {
  it('checks it with the tokens that token-broker has published, by reading alone', async () => {
    const before = twin.requests.last;
    const ended = await relay.check('exact:qa:UKTEST1');
    expect([0, 2], ended.stderr + ended.stdout).toContain(ended.code);
    expect(findingsOf(ended).get('appointment.naive')).toBe('400, as documented');
    expect(findingsOf(ended).get('subscriptions.names')).toBe('yes');
    expect(findingsOf(ended).get('details.zone')).toContain('Europe/London');
    const asked = twin.requests.list(/./, before);
    expect(asked.filter(({ method }) => method !== 'GET')).toEqual([]);
    // No token is asked for, and no other practice but one that there is not.
    expect(new Set(asked.map(({ scope }) => scope.toUpperCase()))).toEqual(
      new Set(['', 'UKTEST1', 'NO-SUCH-PRACTICE']),
    );
    const patient = twin.records('UKTEST1', 'patient')[0] as { id: string };
    for (const secret of [client.secret, patient.id]) expect(ended.stdout + ended.stderr).not.toContain(secret);
  });

  it('finds a setting that the vendor contradicts, and names the one that fits', async () => {
    twin.pages.header = 'x-next-continuation';
    twin.pages.bytes = 4_000;
    const ended = await relay.check('exact:qa:UKTEST1');
    expect(ended, ended.stderr).toMatchObject({ code: 1 });
    expect((JSON.parse(ended.stdout) as { settings: string[] }).settings).toContain(
      'EXACT_CONTINUATION_HEADER=x-next-continuation',
    );
  });

  it('ends with 75 when the practice cannot be asked, and says why', async () => {
    const suspended = await publish({
      practiceId: 'UKTEST2',
      tenantId: 'exact:qa:UKTEST2',
      state: 'suspended',
      reason: 'operator',
    });
    const ended = await relay.check(suspended);
    expect(ended).toMatchObject({ code: 75, stdout: '', stderr: expect.stringContaining('suspended (operator)') });
    twin.practice('UKTEST1').subscribed = false;
    expect(await relay.check('exact:qa:UKTEST1')).toMatchObject({ code: 75, stdout: '' });
  });
});
