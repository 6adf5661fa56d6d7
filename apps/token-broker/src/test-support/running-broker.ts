import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { relayEnvironment, testDatabase, testKafka, until, type Keyring, type TestScope } from '@relay/testing';
import { Client } from 'pg';
import { tokenBroker } from '../token-broker.js';
import { BrokerTopics, type KnownVendor } from './broker-topics.js';

/** What the database holds of a credential. */
export interface StoredCredential {
  readonly stage: string;
  readonly in_force: boolean;
  readonly secret: string | null;
}

/** A broker inside the test's own process, with both sides of its topics and its database open. */
export class RunningBroker {
  readonly logLines: string[] = [];
  metrics: Metrics;
  private app: NestFastifyApplication | null = null;

  constructor(
    readonly topics: BrokerTopics,
    readonly sql: Client,
    private readonly scope: TestScope,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  get<T>(part: Type<T>): T {
    return this.running.get(part);
  }

  /** Opens its consent pages. */
  async listen(port: number): Promise<void> {
    await this.running.listen(port, '127.0.0.1');
  }

  /** Starts one more broker on the same servers, then ends the one before, if there is one. */
  async startNext(): Promise<void> {
    const config = readConfig(tokenBroker.settings, { env: this.env, defaults: { managementPort: 0 } });
    const write = (line: string): void => void this.logLines.push(line);
    const log = Log.create({ service: 'token-broker', level: 'debug', format: 'json', write });
    const [health, metrics] = [new Health(), new Metrics()];
    const next = await buildApp(tokenBroker, config, { config, log, health, metrics });
    const before = this.app;
    this.app = next;
    this.metrics = metrics;
    await next.startAllMicroservices();
    await until('the broker is ready', async () => (await health.ready()).status === 'up', { timeoutMs: 30_000 });
    await before?.close();
  }

  async stop(): Promise<void> {
    const app = this.app;
    this.app = null;
    await app?.close();
  }

  /** Another one, with other settings, on the same topics and database. */
  async next(over: Readonly<Record<string, string>>): Promise<RunningBroker> {
    const next = new RunningBroker(this.topics, this.sql, this.scope, { ...this.env, ...over });
    await next.startNext();
    this.scope.onTestFinished(() => next.stop());
    return next;
  }

  async stored(credentialId: string): Promise<StoredCredential | undefined> {
    const { rows } = await this.sql.query('select stage, in_force, secret from credential where credential_id = $1', [
      credentialId,
    ]);
    return (rows as StoredCredential[])[0];
  }

  /** Where one of the words stands in clear: names of tables, `topics`, `log`. */
  async placesOf(words: readonly string[]): Promise<string[]> {
    const texts = new Map([
      ['log', this.logLines.join('')],
      ['topics', JSON.stringify([...this.topics.credentials, ...this.topics.tokens, this.topics.audits])],
    ]);
    const { rows: tables } = await this.sql.query(
      `select table_name from information_schema.tables where table_schema = 'token_broker'`,
    );
    for (const { table_name: table } of tables as { table_name: string }[]) {
      const { rows } = await this.sql.query(`select coalesce(string_agg(t::text, ' '), '') as text from ${table} t`);
      texts.set(table, (rows as { text: string }[])[0]?.text ?? '');
    }
    if (texts.size < 4 || texts.get('log') === '') throw new Error('there is too little to look through');
    return [...texts].flatMap(([place, text]) => (words.some((word) => text.includes(word)) ? [place] : []));
  }

  private get running(): NestFastifyApplication {
    if (this.app === null) throw new Error('the broker is not running');
    return this.app;
  }
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
  const parts = { kafka, databaseUrl: url, keyring: keys, publicUrl: 'http://127.0.0.1:9', provetHost: vendor.host };
  const env = { ...relayEnvironment(parts), BACKOFF_MIN_MS: '50', BACKOFF_MAX_MS: '500', ...over };
  const sql = new Client({ connectionString: url, options: '-c search_path=token_broker' });
  sql.on('error', () => undefined);
  await sql.connect();
  scope.onTestFinished(() => sql.end());
  const broker = new RunningBroker(topics, sql, scope, env);
  await broker.startNext();
  scope.onTestFinished(() => broker.stop());
  return broker;
}
