import type { Type } from '@nestjs/common';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { relayEnvironment, testDatabase, testKafka, until, type Keyring, type TestScope } from '@relay/testing';
import { Client } from 'pg';
import { tokenBroker } from '../token-broker.js';
import { BrokerTopics, type KnownVendor } from './broker-topics.js';

/** A broker inside the test's own process, with both sides of its topics and its database open. */
export interface RunningBroker {
  readonly topics: BrokerTopics;
  readonly sql: Client;
  readonly metrics: Metrics;
  readonly logLines: readonly string[];
  get<T>(part: Type<T>): T;
  stop(): Promise<void>;
  /** Another one, with other settings, on the same topics and database. */
  next(over: Readonly<Record<string, string>>): Promise<RunningBroker>;
}

export async function startBroker(
  scope: TestScope,
  vendor: KnownVendor,
  keys: Keyring,
  over: Readonly<Record<string, string>> = {},
): Promise<RunningBroker> {
  const kafka = await testKafka(scope);
  const { url } = await testDatabase(scope, 'token-broker');
  const topics = await BrokerTopics.open(scope, kafka.settings, vendor, keys);
  const sql = new Client({ connectionString: url, options: '-c search_path=token_broker' });
  sql.on('error', () => undefined);
  await sql.connect();
  scope.onTestFinished(() => sql.end());
  const parts = { kafka, databaseUrl: url, keyring: keys, publicUrl: 'http://127.0.0.1:9', provetHost: vendor.host };
  const base = { ...relayEnvironment(parts), BACKOFF_MIN_MS: '50', BACKOFF_MAX_MS: '500', ...over };
  const start = async (env: Readonly<Record<string, string>>): Promise<RunningBroker> => ({
    topics,
    sql,
    ...(await startApp(scope, env)),
    next: (changed) => start({ ...env, ...changed }),
  });
  return start(base);
}

async function startApp(
  scope: TestScope,
  env: Readonly<Record<string, string>>,
): Promise<Pick<RunningBroker, 'metrics' | 'logLines' | 'get' | 'stop'>> {
  const config = readConfig(tokenBroker.settings, { env, defaults: { managementPort: 0 } });
  const logLines: string[] = [];
  const log = Log.create({ service: 'token-broker', level: 'debug', format: 'json', write: (l) => logLines.push(l) });
  const health = new Health();
  const metrics = new Metrics();
  const app = await buildApp(tokenBroker, config, { config, log, health, metrics });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopping ??= app.close());
  scope.onTestFinished(stop);
  await app.startAllMicroservices();
  await until('the broker is ready', async () => (await health.ready()).status === 'up', { timeoutMs: 30_000 });
  return { metrics, logLines, get: (part) => app.get(part), stop };
}
