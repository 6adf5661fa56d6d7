import { Client } from 'pg';
import type { RelayKafka } from '#kafka';
import type { Tx } from '#database';
import { isBuilt } from '../services.ts';
import { StopWithMessage } from '../stop-with-message.ts';
import { need, readSurroundings, secretOf, valueOf } from '../surroundings.ts';
import type { Need } from './verdicts.ts';

const HOOKUP_NOTE =
  'HOOKUP_SECRET: only the gateway sees which entry is used: relay_gateway_key_used_total{kind="hookup"}.\n';

/** `npm run keys -- status`: which keys are still needed, and by what. */
export async function keysStatus(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--json');
  if (unknown !== undefined)
    throw new StopWithMessage('bad-option', `Usage: npm run keys -- status [--json]; not ${unknown}.`);
  if (!isBuilt('token-broker')) throw new StopWithMessage('not-built', 'Nothing is built: run `npm run build` first.');
  const { kafkaBrokers, databaseUrl, topicPrefix } = readSurroundings();
  const brokers = need(kafkaBrokers, 'KAFKA_BROKERS');
  const url = need(databaseUrl, 'DATABASE_URL');
  const { givenKeys } = await import('./key-sets.ts');
  const { keyStatuses, renderStatuses } = await import('./verdicts.ts');
  // The data folder's keys belong to the servers of the data folder, and to no others.
  const areOthers = valueOf(process.env, 'DATABASE_URL') !== null;
  const given = givenKeys((name) => (areOthers ? valueOf(process.env, name) : secretOf(name)));
  const needs = [...(await inDatabase(url)), ...(await inTopics(brokers, topicPrefix))];
  const statuses = keyStatuses(given, needs);
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ keys: statuses })}\n`);
  else process.stdout.write(`${renderStatuses(statuses)}\n${HOOKUP_NOTE}`);
  return 0;
}

async function inTopics(brokers: string, topicPrefix: string): Promise<Need[]> {
  const { commonSettings, readConfig } = await import('#service-kit');
  const { RelayKafka: Kafka } = await import('#kafka');
  const { needsInTopics } = await import('./needs-in-topics.ts');
  const env = { ...process.env, KAFKA_BROKERS: brokers, TOPIC_PREFIX: topicPrefix };
  for (const name of ['KAFKA_BROKERS_FILE', 'TOPIC_PREFIX_FILE']) delete (env as NodeJS.ProcessEnv)[name];
  const kafka: RelayKafka = new Kafka({
    service: 'console',
    settings: readConfig(commonSettings, { env }),
    topics: [],
  });
  try {
    await kafka.ping();
    return await needsInTopics(kafka, Date.now());
  } catch (error) {
    throw notThere('Kafka', error);
  } finally {
    await kafka.close();
  }
}

async function inDatabase(url: string): Promise<Need[]> {
  const { needsInDatabase } = await import('./needs-in-database.ts');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  const tx: Tx = {
    query: async <R>(sql: string, params: readonly unknown[] = []) =>
      (await client.query(sql, [...params])).rows as R[],
  };
  try {
    await client.connect();
    return await needsInDatabase(tx);
  } catch (error) {
    throw notThere('Postgres', error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Without either, no key could be called free. */
function notThere(what: string, error: unknown): unknown {
  if (error instanceof StopWithMessage) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new StopWithMessage('no-answer', `${what} cannot be read, so no key can be called free: ${detail}`);
}
