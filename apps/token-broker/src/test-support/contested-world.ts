import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database, ShardEpochs, openDatabase } from '@relay/database';
import { StorageKeys } from '@relay/sealing';
import { Health, Log } from '@relay/service-kit';
import {
  keyring,
  relayEnvironment,
  startProcess,
  testDatabase,
  testKafka,
  until,
  type ServiceProcess,
  type TestScope,
} from '@relay/testing';
import { AcceptGrant } from '../credentials/accept-grant.js';
import { migrations } from '../migrations.js';
import { Vault } from '../persistence/vault.js';
import { HeldShards } from '../shards/held-shards.js';
import { patienceMs } from '../tokens/grant-plan.js';
import { BrokerTopics, type TestClient } from './broker-topics.js';
import { StrictVendor } from './strict-vendor.js';

const ARM = join(import.meta.dirname, '..', '..', '..', '..', 'tools', 'faults', 'arm.mjs');
/** Long enough for a vendor that shares its processors with many: a time-out after it has acted ends a consent. */
const ATTEMPT_MS = 15_000;
const BACKOFF_MAX_MS = 500;

/** Around a process's death: until its connections are seen to be closed, on a busy machine. */
const DEATH_NOTICED_MS = 1000;

/** What has become of a consent. */
export interface Fate {
  readonly clientId: string;
  /** `good`, `open` as long as nobody knows, or why it has ended. */
  readonly ending: string;
  /** Its newest tokens were on their way to a process that was killed: nobody else ever had them. */
  readonly diedInHand: boolean;
  /** What `credential.v1` says of it. */
  readonly says: string;
  /** How often the vendor was sent the same refresh token, at most. */
  readonly mostSends: number;
  readonly hasGrace: boolean;
}

/** Several broker processes on one vendor whose refresh tokens are good for one use. */
export class ContestedWorld {
  readonly brokers: ServiceProcess[] = [];
  /** When processes were killed. */
  private readonly deaths: { readonly from: number; readonly to: number }[] = [];
  /** How long an announced spend is left alone here: a pause past the hand-over is shorter than that. */
  readonly patienceMs: number;

  private constructor(
    private readonly scope: TestScope,
    private readonly env: Readonly<Record<string, string>>,
    readonly vendor: StrictVendor,
    readonly topics: BrokerTopics,
    private readonly database: Database,
    private readonly grants: AcceptGrant,
  ) {
    this.patienceMs = patienceMs(Number(env['HTTP_ATTEMPT_TIMEOUT_MS']));
  }

  static async start(scope: TestScope, partitions: number, { attemptMs = ATTEMPT_MS } = {}): Promise<ContestedWorld> {
    const keys = keyring();
    const kafka = await testKafka(scope, { topicPartitions: partitions });
    const { url } = await testDatabase(scope, 'token-broker');
    const vendor = await StrictVendor.start(scope, () => 5 + Math.random() * 40);
    const topics = await BrokerTopics.open(scope, kafka.settings, vendor, keys);
    const log = Log.create({ service: 'token-broker', level: 'error', format: 'json', write: () => undefined });
    const options = { service: 'token-broker', url, poolSize: 10, migrations, log, health: new Health() } as const;
    const source = await openDatabase(options);
    scope.onTestFinished(() => source.destroy());
    const database = new Database(source);
    const grants = new AcceptGrant({
      shards: new HeldShards(new ShardEpochs(database, 'token-broker')),
      vault: new Vault(StorageKeys.parse(keys.STORAGE_KEYS_JWKS)),
      partitions,
      kick: () => undefined,
    });
    const env = {
      ...relayEnvironment({
        kafka,
        databaseUrl: url,
        keyring: keys,
        publicUrl: 'http://127.0.0.1:9',
        provetHost: vendor.host,
      }),
      HTTP_ATTEMPT_TIMEOUT_MS: String(attemptMs),
      BACKOFF_MIN_MS: '50',
      BACKOFF_MAX_MS: String(BACKOFF_MAX_MS),
      TOKEN_REQUESTS_PER_SECOND: '0',
      DATABASE_POOL_SIZE: '4',
      LOG_LEVEL: 'info',
    };
    return new ContestedWorld(scope, env, vendor, topics, database, grants);
  }

  async startBroker(faults?: string, waitUntilReady = true): Promise<ServiceProcess> {
    const env = faults === undefined ? this.env : { ...this.env, FAULT_POINTS: faults };
    const armed = faults === undefined ? {} : { importFirst: ARM };
    const broker = await startProcess(this.scope, { service: 'token-broker', env, waitUntilReady, ...armed });
    this.brokers.push(broker);
    return broker;
  }

  /** Registers a client of the grant that needs a person, and lets that person consent. */
  async join(expiresIn: number, hasGrace = false): Promise<TestClient> {
    const client = this.topics.newClient({ expiresIn });
    await this.topics.register(client, { authorization_grant_type: 'authorization_code' });
    await until('it waits for consent', () => this.topics.lastCredential(client.credentialId), { timeoutMs: 60_000 });
    const pair = this.vendor.consent(client.clientId, hasGrace);
    const done = await this.grants.accept(client.credentialId, { ...pair, scope: null, consentedBy: 'Ada' });
    if (done !== 'accepted') throw new Error(done);
    return client;
  }

  /** Stops one until all its shards have other owners, and lets it go on. */
  async pausePastHandOver(broker: ServiceProcess): Promise<void> {
    const owner = `${hostname()}:${broker.pid}`;
    const owned = async () => (await this.database.query('select from shard where owner = $1', [owner])).length;
    if ((await owned()) === 0) throw new Error('it owns nothing: there is no hand-over to see');
    const since = Date.now();
    broker.signal('SIGSTOP');
    await until('its shards have other owners', async () => (await owned()) === 0, { timeoutMs: 60_000 });
    broker.signal('SIGCONT');
    // With an answer in its hands for longer than that, it is as good as dead.
    const took = Date.now() - since;
    if (took > this.patienceMs) throw new Error(`the hand-over took ${took} ms: longer than the others are patient`);
  }

  /** Stops one for longer than a hand-over takes, and lets it go on. */
  async pause(broker: ServiceProcess, pauseMs: number): Promise<void> {
    broker.signal('SIGSTOP');
    await sleep(pauseMs);
    broker.signal('SIGCONT');
  }

  /** Kills one at whatever moment it is, and starts another. */
  async kill(broker: ServiceProcess): Promise<void> {
    const from = Date.now();
    await broker.kill9();
    await this.replace(broker, from);
  }

  /** Lets one be killed at a fault point, after it has passed it so often, in place of another that leaves. */
  async killAt(point: string, times: number, leaving: ServiceProcess): Promise<void> {
    await leaving.stop();
    this.brokers.splice(this.brokers.indexOf(leaving), 1);
    // It may be killed before anybody has seen it ready.
    const doomed = await this.startBroker(`${point}:kill:${times}`, false);
    const how = await doomed.ended;
    if (how !== 'SIGKILL') throw new Error(`it ended with ${how}`);
    await this.replace(doomed, Date.now());
  }

  private async replace(killed: ServiceProcess, from: number): Promise<void> {
    this.deaths.push({ from: from - DEATH_NOTICED_MS, to: Date.now() + DEATH_NOTICED_MS });
    this.brokers.splice(this.brokers.indexOf(killed), 1);
    await this.startBroker();
  }

  /** Pairs that the vendor has handed out and the database does not hold yet. */
  async unstored(): Promise<number> {
    const stored = await this.rows();
    let missing = 0;
    for (const [clientId, consent] of this.vendor.consents) {
      const row = stored.find((one) => one.credential_id.endsWith(`/${clientId}`));
      if (!consent.killed && row !== undefined && Number(row.version) !== consent.newest) missing += 1;
    }
    return missing;
  }

  /**
   * How the consents stand when nothing is under way any more: from now on the vendor's tokens live long, and everything is
   * waited for that has not come to an end.
   */
  async atRest(): Promise<Fate[]> {
    for (const client of this.vendor.clients.values()) client.expiresIn = 36_000;
    let fates: Fate[] = [];
    const look = async () => (fates = await this.fates()).every(({ ending }) => ending !== 'open');
    // An answer that did not arrive is asked for once more after the patience: until then its pair is not stored, nor lost.
    await until('all have an end', look, { timeoutMs: 2 * this.patienceMs + 30_000 }).catch(() => undefined);
    return fates;
  }

  private async fates(): Promise<Fate[]> {
    const stored = await this.rows();
    return [...this.vendor.consents].map(([clientId, consent]) => {
      const row = stored.find((one) => one.credential_id.endsWith(`/${clientId}`));
      const isGood = row?.lost === null && Number(row.version) === consent.newest && !consent.killed;
      const cutAt = this.vendor.cutOffAt(consent);
      const diedInHand = !isGood && cutAt !== null && this.deaths.some(({ from, to }) => cutAt >= from && cutAt <= to);
      const ending = isGood ? 'good' : (row?.lost ?? 'open');
      const published = row === undefined ? undefined : this.topics.lastCredential(row.credential_id);
      const says = published === undefined ? 'nothing' : `${published.health} ${published.code ?? ''}`.trim();
      const mostSends = Math.max(0, ...consent.sent.values());
      return { clientId, ending, diedInHand, says, mostSends, hasGrace: consent.hasGrace };
    });
  }

  private rows() {
    return this.database.query<{ credential_id: string; version: string; lost: string | null; tries: number }>(
      'select credential_id, version, lost, tries from refresh_grant',
    );
  }
}
