import { join } from 'node:path';
import { fileScope, keyring, relayEnvironment, startProcess, testDatabase, testKafka, until } from '@relay/testing';
import { beforeAll, expect, it } from 'vitest';
import { BrokerTopics } from './test-support/broker-topics.js';
import { TokenVendor } from './test-support/token-vendor.js';

const ARM = join(import.meta.dirname, '..', '..', '..', 'tools', 'faults', 'arm.mjs');
const scope = fileScope();
const keys = keyring();
let env: Record<string, string>;
let vendor: TokenVendor;
let topics: BrokerTopics;

beforeAll(async () => {
  const kafka = await testKafka(scope);
  const databaseUrl = (await testDatabase(scope, 'token-broker')).url;
  vendor = await TokenVendor.start(scope);
  topics = await BrokerTopics.open(scope, kafka.settings, vendor, keys);
  env = relayEnvironment({
    kafka,
    databaseUrl,
    keyring: keys,
    publicUrl: 'http://127.0.0.1:3000',
    provetHost: vendor.host,
  });
});

it.each([
  // What has happened by then, and how often the vendor may be asked in all.
  ['token-broker:after-store', 1],
  ['token-broker:after-token', 2],
  ['token-broker:after-publish', 1],
])('a registration survives a kill -9 at %s', async (point, requests) => {
  const client = topics.newClient();
  const doomed = await startProcess(scope, {
    service: 'token-broker',
    env: { ...env, FAULT_POINTS: `${point}:kill:1` },
    importFirst: ARM,
  });
  await topics.register(client);
  expect(await doomed.ended).toBe('SIGKILL');
  const next = await startProcess(scope, { service: 'token-broker', env });
  const token = await topics.proven(client, 30_000);
  expect(await topics.openToken(client, token)).toMatch(/^planted-token-/);
  await until('the tombstone of the registration', () => topics.hookupTombstones.has(client.credentialId));
  expect(vendor.askedFor(client.clientId)).toBeLessThanOrEqual(requests);
  const versions = topics.tokensOf(client).map((one) => one?.version ?? 0);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  await next.stop();
});
