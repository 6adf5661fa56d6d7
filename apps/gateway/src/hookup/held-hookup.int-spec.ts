import { topicsOf, type HookupValue } from '@relay/contracts';
import { RelayKafka } from '@relay/kafka';
import { OpeningKeys } from '@relay/sealing';
import { fileScope, testKafka, until } from '@relay/testing';
import { beforeAll, expect, it } from 'vitest';
import { HOST, keys, logLines, message, startGateway, type RunningGateway } from '../test-support/running-gateway.js';

const scope = fileScope();
const seen: { topic: string; value: HookupValue }[] = [];
let gateway: RunningGateway;

beforeAll(async () => {
  const { settings } = await testKafka(scope);
  gateway = await startGateway(scope, settings);
  const kafka = new RelayKafka({ service: 'gateway', settings, topics: topicsOf('gateway') });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  const reader = kafka.tableReader({
    topics: ['hookup.v1', 'held-hookup.v1'],
    onBatch: ({ topic, messages }) => {
      for (const { value } of messages) seen.push({ topic, value: value as HookupValue });
    },
  });
  await reader.loaded;
});

const elsewhere = (id: number, host: string) => ({
  provet_id: id,
  token_url: `https://${host}/${id}/oauth2/token/`,
  authorize_url: `https://${host}/${id}/oauth2/authorize/`,
});

it('is refused with 403 and kept, its secret sealed for where it goes once it is approved', async () => {
  const answer = await gateway.hookup(message(elsewhere(1, 'ca.provetcloud.com')));
  expect(answer.status).toBe(403);
  expect(await answer.text()).not.toContain('planted');
  const { topic, value } = await until('the held registration', () => seen[0]);
  expect(topic).toBe('held-hookup.v1');
  const { tenantId, credentialId, host, registration } = value;
  expect([tenantId, host]).toEqual(['provet:ca.provetcloud.com:1', 'ca.provetcloud.com']);
  const context = { topic: 'hookup.v1', tenantId, credentialId, host };
  const opening = OpeningKeys.parse(keys.CREDENTIAL_PRIVATE_JWKS);
  expect(await opening.open(registration.client_secret as string, context)).toBe('planted-secret');
});

it('is not kept without the secret of the door, in the wrong form, or with addresses that no setting could allow', async () => {
  const before = seen.length;
  const fine = message(elsewhere(2, 'ca.provetcloud.com'));
  const refused = [
    await gateway.hookup(fine, 'x'.repeat(40)),
    await gateway.hookup({ ...fine, client_type: 'odd' }),
    await gateway.hookup({ ...fine, authorize_url: 'https://us.provetcloud.com/2/oauth2/authorize/' }),
    await gateway.hookup({ ...fine, authorize_url: `http://${HOST}/2/oauth2/authorize/` }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([404, 400, 403, 403]);
  // One that is kept comes after them in the same partition, and alone.
  expect((await gateway.hookup({ ...fine, client_id: 'last' })).status).toBe(403);
  await until('the last', () => seen.length > before);
  expect(seen.slice(before).map(({ value }) => value.registration.client_id)).toEqual(['last']);
});

it('is named in the log without its secret', () => {
  const log = logLines.join('');
  expect(log).toContain('registration kept for an operator to decide');
  expect(log).not.toContain('planted');
});
