import { recordTopic, type ServiceName } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { checkAccepted } from './support/accepted-checker.js';
import { checkConverged } from './support/converged-checker.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { metricOf } from './support/metric-of.js';
import { ownKafka, ownPostgres, type OwnServer } from './support/own-server.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';
import { VendorHistory, type ProvetHistory } from './support/vendor-history.js';
import { WebhookLoad } from './support/webhook-load.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const RECORDS = 80;
const SENDERS = 4;
/** How long the vendor takes for what is fetched while Kafka falls silent. */
const UNDER_WAY_MS = 500;
const SERVICES: readonly ServiceName[] = ['gateway', 'tenant-registry', 'token-broker', 'provet-sync'];
/** Away until webhooks have met it, or started again at once: what was under way then is what counts. */
const ENDS = [
  ['Kafka', 'killed', 'met'],
  ['PostgreSQL', 'killed', 'met'],
  ['Kafka', 'stopped', 'short'],
  ['PostgreSQL', 'stopped', 'met'],
] as const;

describe('Kafka and PostgreSQL that go away under a load of webhooks and come back', () => {
  let servers: Record<'Kafka' | 'PostgreSQL', OwnServer>;
  let relay: RelayStack;
  let log: EventLog;
  let history: ProvetHistory;

  beforeAll(async () => {
    const [kafka, postgres] = await Promise.all([ownKafka(scope), ownPostgres(scope)]);
    servers = { Kafka: kafka, PostgreSQL: postgres };
    vi.stubEnv('KAFKA_BROKERS', kafka.address);
    vi.stubEnv('DATABASE_URL', postgres.address);
    relay = await RelayStack.start(scope, {
      // Only notices may bring a change here: the checks run once a day.
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400', PROVET_WEBHOOKS: 'manual' },
    });
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    const status = await StatusLog.follow(scope, relay.kafka);
    const tenantId = await relay.joinProvet({ id: 1, records: { client: RECORDS } });
    relay.simulator.provet.tenant(1).switches.limits = false;
    await until('the tenant is live', () => status.allLive(tenantId, ['client']), { timeoutMs: 60_000 });
    history = VendorHistory.provet(relay);
    history.begin(1, ['client']);
  });

  const problems = (): string[] => [...checkConverged(log.events, history.states), ...checkLog(log.events)];

  async function startLoad(): Promise<WebhookLoad> {
    const load = new WebhookLoad(relay, history, { tenant: 1, records: RECORDS, senders: SENDERS });
    await until('the load is on', () => load.acceptedCount >= 20, { timeoutMs: 60_000 });
    return load;
  }

  /** Webhooks are taken again; when no more come, all that was answered 200 is told. */
  /** Webhooks are taken again. What then is to be said against the log; nothing is right. */
  async function complaintsOnceItGoesOn(load: WebhookLoad): Promise<unknown[]> {
    const atStart = load.acceptedCount;
    await until('webhooks are taken again', () => load.acceptedCount >= atStart + 20, { timeoutMs: 60_000 });
    await load.stop();
    const complaints = (): unknown[] => [...checkAccepted(log, CLIENT, load.accepted.values()), ...problems()];
    await until('all that was accepted', () => complaints().length === 0, { timeoutMs: 60_000 }).catch(() => undefined);
    console.log(`${load.acceptedCount} accepted, ${load.refusedCount} refused`);
    return complaints();
  }

  /** Versions that were sent again since their sending has failed. */
  const sentAgain = (): Promise<number> =>
    metricOf(relay.service('provet-sync'), 'relay_state_resends_total', { name: 'records', reason: 'failed' });

  it('Kafka silent for a moment: what could not be sent is tried again by who has sent it', async () => {
    const load = await startLoad();
    const before = await sentAgain();
    // Some records are under way: fetched when it is silent, then committed, then to be sent.
    const { faults, requests } = relay.simulator.provet;
    const slow = faults.add({ scope: '1', path: '/client/\\d+/$', delayMs: UNDER_WAY_MS });
    const { last } = requests;
    await until('records are under way', () => requests.count(/\/client\/\d+\/$/, last) > 0, { timeoutMs: 60_000 });
    servers.Kafka.pause();
    faults.remove(slow);
    // Before any consumer misses it: else the shards' next owner would send it, and nobody would have tried again.
    const again = until('it is tried again', async () => (await sentAgain()) > before, { timeoutMs: 20_000 });
    const isTried = await again.then(
      () => true,
      () => false,
    );
    servers.Kafka.resume();
    expect(isTried).toBe(true);
    expect(await complaintsOnceItGoesOn(load)).toEqual([]);
  });

  for (const [name, how, outage] of ENDS) {
    it(`${name} ${how}: what was answered 200 arrives, and everything goes on by itself`, async () => {
      const load = await startLoad();
      await servers[name].end(how);
      const atEnd = load.acceptedCount;
      // Without Kafka nothing can be promised; without PostgreSQL the front door stays open.
      const isMet = (): boolean => (name === 'Kafka' ? load.refusedCount >= SENDERS : load.acceptedCount >= atEnd + 20);
      await until('webhooks meet the outage', () => outage === 'short' || isMet(), { timeoutMs: 60_000 });
      await servers[name].startAgain();
      expect(await complaintsOnceItGoesOn(load)).toEqual([]);
    });
  }

  it('leaves all services ready, none of which has ended', async () => {
    const ready = Promise.all(SERVICES.map((name) => relay.service(name).ready(30_000)));
    await expect(ready).resolves.toHaveLength(SERVICES.length);
  });
});
