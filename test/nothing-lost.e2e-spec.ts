import { recordTopic, type ServiceName } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkAccepted, type Accepted } from './support/accepted-checker.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const RECORDS = 80;
const WEBHOOKS = 60;
const SEEDS = [11, 23, 42];
const KILLED: readonly ServiceName[] = ['gateway', 'tenant-registry', 'token-broker', 'provet-sync'];

/** Small and seeded, so that a failing run can be repeated: mulberry32. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('nothing that was accepted is lost', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let tenantId: string;

  beforeAll(async () => {
    // Only notices may bring a change here: the checks run once a day.
    relay = await RelayStack.start(scope, {
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400', PROVET_WEBHOOKS: 'manual' },
    });
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    status = await StatusLog.follow(scope, relay.kafka);
    tenantId = await relay.joinProvet({ id: 1, records: { client: RECORDS } });
    await until('the tenant is live', () => status.allLive(tenantId, ['client']), { timeoutMs: 60_000 });
  });

  /** Posts until it is answered 200, as a vendor does; the change is made first. */
  async function announce(id: number, marker: string): Promise<Accepted> {
    relay.simulator.provet.put(1, 'client', id, { firstname: marker }, { notify: false });
    await until(
      `webhook for ${id} is accepted`,
      async () => (await relay.webhook(1, 1, `client_id=${id}`)).status === 200,
      { timeoutMs: 60_000, everyMs: 200 },
    );
    return { key: `${tenantId}/${id}`, member: 'firstname', value: marker };
  }

  for (const service of KILLED) {
    it(`kill -9 of ${service} while webhooks are in flight (seeds ${SEEDS.join(', ')})`, async () => {
      for (const seed of SEEDS) {
        const next = random(seed);
        const ids = Array.from({ length: WEBHOOKS }, () => 1 + Math.floor(next() * RECORDS));
        const killAfter = 10 + Math.floor(next() * 30);
        const accepted = new Map<string, Accepted>();
        let restarted: Promise<void> | null = null;
        // Slow answers of the vendor keep at least ten accepted webhooks unfinished at the kill.
        const slow = relay.simulator.provet.faults.add({ scope: '1', path: '/client/', delayMs: 400 });
        for (const [index, id] of ids.entries()) {
          if (restarted === null && index >= killAfter && inFlight(accepted) >= 10) {
            restarted = relay.killAndRestart(service);
          }
          const done = await announce(id, `${service}-${seed}-${index}`);
          accepted.set(done.key, done);
        }
        expect(restarted, `at least ten were in flight, seed ${seed}`).not.toBeNull();
        await restarted;
        relay.simulator.provet.faults.remove(slow);
        await until(
          `all accepted changes after kill -9 of ${service}, seed ${seed}`,
          () => checkAccepted(log, CLIENT, accepted.values()).length === 0,
          { timeoutMs: 60_000 },
        );
        console.log(`${service}, seed ${seed}: ${WEBHOOKS} accepted, ${accepted.size} records, all seen`);
      }
    });
  }

  /** Accepted changes that no event shows yet. */
  function inFlight(accepted: ReadonlyMap<string, Accepted>): number {
    return checkAccepted(log, CLIENT, accepted.values()).length;
  }

  it('ends with topics that equal the vendor, whose versions only grew', async () => {
    for (const id of relay.simulator.provet.ids(1, 'client')) {
      const record = relay.simulator.provet.record(1, 'client', id);
      await until(
        `record ${id}`,
        () => JSON.stringify(log.record(CLIENT, `${tenantId}/${id}`)) === JSON.stringify(record),
      );
    }
    expect(checkLog(log.events)).toEqual([]);
  });
});
