import { HOOKUP_MEMBERS, partitionOf, topicsOf, type HookupValue } from '@relay/contracts';
import { RelayKafka, type Received } from '@relay/kafka';
import { OpeningKeys } from '@relay/sealing';
import { fileScope, testKafka, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { FORM, TENANT, post, problem, statusBeforeBody } from '../test-support/gateway-requests.js';
import { HOST, keys, logLines, message, startGateway } from '../test-support/running-gateway.js';

const oldSecret = 'o'.repeat(40);
const secrets = `${keys.HOOKUP_SECRET},${oldSecret}`;
const scope = fileScope();
const seen: Received<unknown>[] = [];
let base = '';

beforeAll(async () => {
  const { settings } = await testKafka(scope);
  base = (await startGateway(scope, settings, { HOOKUP_SECRET: secrets })).url;
  const kafka = new RelayKafka({ service: 'gateway', settings, topics: topicsOf('gateway') });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  const reader = kafka.tableReader({
    topics: ['hookup.v1'],
    onBatch: async (batch) => {
      await Promise.resolve(seen.push(...batch.messages));
    },
  });
  await reader.loaded;
});

const hookup = (body: unknown, secret = keys.HOOKUP_SECRET, type: string | null = 'application/json') =>
  post(`${base}/hookup/provet/${secret}`, typeof body === 'string' ? body : JSON.stringify(body), type);
const hookups = () => seen.map(({ value }) => value as HookupValue);

describe('the hookup URL', () => {
  it('takes a registration durably, with its secret sealed', async () => {
    const response = await hookup(message({ future: { a: 1 } }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ tenantId: TENANT });
    const value = await until('the registration in the topic', () => hookups()[0]);
    const { registration, credentialId } = value;
    expect(value).toMatchObject({ tenantId: TENANT, credentialId: `${TENANT}/client-9`, host: HOST, source: 'hookup' });
    expect(registration).toMatchObject({ future: { a: 1 }, provet_id: 9 });
    const sealed = registration.client_secret as string;
    const context = { topic: 'hookup.v1', tenantId: TENANT, credentialId, host: HOST };
    expect(await OpeningKeys.parse(keys.CREDENTIAL_PRIVATE_JWKS).open(sealed, context)).toBe('planted-secret');
    const inLog = seen.find((one) => one.value === value);
    expect(inLog).toMatchObject({ key: credentialId, partition: partitionOf(TENANT, 4) });
  });

  it.each([
    ['again', message()],
    ['in the other spelling', message({ authorization_grant_type: 'client-credentials' })],
    ['without a secret', message({ client_secret: null })],
    ['under any client id', message({ client_id: `a/b:c ${'é'.repeat(400)}` })],
  ])('takes a registration %s', async (_what, body) => {
    expect((await hookup(body)).status).toBe(200);
  });

  it('takes JSON under its other names, and every secret while they are rotated', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/vnd.provet+json', null]) {
      expect((await hookup(message(), keys.HOOKUP_SECRET, type)).status).toBe(200);
    }
    expect((await hookup(message(), oldSecret)).status).toBe(200);
    await problem(hookup(message(), secrets), 404);
  });

  it('names every bad member', async () => {
    for (const member of HOOKUP_MEMBERS) {
      const { [member]: _left, ...rest } = message();
      const body = await problem(hookup(rest), 400);
      expect(body).toMatchObject({ errors: [{ member }], instance: '/hookup/provet/{secret}' });
      expect(body['detail']).toContain(member);
    }
    const two = await problem(hookup(message({ provet_id: 0, client_type: 'planted' })), 400);
    expect(two['errors']).toHaveLength(2);
  });

  it('refuses forged addresses without calling them', async () => {
    const evil = 'http://127.0.0.1:8081/9/oauth2/token/';
    for (const member of ['token_url', 'authorize_url', 'openid_autodiscovery_url']) {
      const body = await problem(hookup(message({ [member]: evil })), 403);
      expect(body).toMatchObject({ code: 'host-not-allowed' });
    }
    const malformed = [
      'file:///planted',
      `http://${HOST}@127.0.0.1:8081/9/oauth2/token/`,
      `http://${HOST}/10/oauth2/token/`,
    ];
    for (const url of malformed) {
      expect(await problem(hookup(message({ token_url: url })), 400)).toMatchObject({
        errors: [{ member: 'token_url' }],
      });
    }
  });

  it('asks for the secret before anything else is looked at', async () => {
    const wrong = `${base}/hookup/provet/planted-wrong`;
    await problem(post(wrong, '{', 'application/json'), 404);
    await problem(post(wrong, 'x', 'text/plain'), 404);
    await problem(post(wrong, 'x', 'nonsense'), 404);
    const huge = { 'content-type': 'application/json', 'content-length': '9000000' };
    expect(await statusBeforeBody(wrong, huge)).toBe(404);
  });

  it('asks for the type, then the size, then the syntax', async () => {
    const own = `${base}/hookup/provet/${keys.HOOKUP_SECRET}`;
    expect(await statusBeforeBody(own, { 'content-type': 'text/plain', 'content-length': '9000000' })).toBe(415);
    expect(await statusBeforeBody(own, { 'content-type': 'application/json', 'content-length': '65537' })).toBe(413);
    await problem(hookup('{"provet_id":'), 400);
    await problem(hookup(''), 400);
    await problem(hookup('[]'), 400);
    await problem(hookup('a=b', keys.HOOKUP_SECRET, FORM), 415);
    await problem(hookup(message(), keys.HOOKUP_SECRET, 'nonsense'), 415);
  });
});

it('keeps secrets, keys and bodies out of the log', () => {
  const log = logLines.join('');
  expect(log).toContain('/hookup/provet/{secret}');
  for (const secret of [keys.HOOKUP_SECRET, keys.WEBHOOK_KEYS, oldSecret, 'planted']) {
    expect(log).not.toContain(secret);
  }
});
