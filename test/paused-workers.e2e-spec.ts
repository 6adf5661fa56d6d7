import { recordTopic } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkConverged } from './support/converged-checker.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { metricOf } from './support/metric-of.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';
import { VendorHistory, type ProvetHistory } from './support/vendor-history.js';
import { Workers } from './support/workers.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const CHANGED = 1;
const DELETED = 39;

/** Shapes of a pause that `fence.e2e-spec.ts` does not have: pages, deletions, and a process stopped in mid-flow. */
describe('two workers, of which one is paused past the hand-over of its shards', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let history: ProvetHistory;
  let workers: Workers;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      // One shard: who holds the tenants is then plain.
      partitions: 1,
      services: ['tenant-registry', 'token-broker', 'gateway'],
      env: {
        PROVET_RESOURCES: 'client',
        PROVET_RECONCILE_SECONDS: '86400',
        PROVET_WEBHOOKS: 'manual',
      },
    });
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    status = await StatusLog.follow(scope, relay.kafka);
    history = VendorHistory.provet(relay);
    workers = new Workers(relay, 'provet-sync');
  });

  afterEach(() => workers.stopAll());

  const problems = (): string[] => [...checkConverged(log.events, history.states), ...checkLog(log.events)];
  const name = (tenant: number, id: number): unknown =>
    log.of(`${relay.tenantId(tenant)}/${id}`, CLIENT).at(-1)?.value?.record?.['firstname'] ?? null;

  async function join(id: number, records: number): Promise<void> {
    await relay.joinProvet({ id, records: { client: records } });
    history.begin(id, ['client']);
  }

  async function announce(tenant: number, id: number, trigger = CHANGED): Promise<void> {
    expect((await relay.webhook(tenant, trigger, `client_id=${id}`)).status).toBe(200);
  }

  async function change(tenant: number, id: number, firstname: string): Promise<void> {
    history.put(tenant, 'client', id, { firstname }, { notify: false });
    await announce(tenant, id);
  }

  async function remove(tenant: number, id: number): Promise<void> {
    history.remove(tenant, 'client', id, { notify: false });
    await announce(tenant, id, DELETED);
  }

  const live = (id: number): Promise<unknown> =>
    until(`${id} is live`, () => status.phase(relay.tenantId(id), 'client') === 'live', { timeoutMs: 60_000 });

  /** What is still wrong with the topic once it has had the time to become right. */
  async function problemsLeft(): Promise<string[]> {
    await until('the topic tells what the vendor has held', () => problems().length === 0, { timeoutMs: 40_000 }).catch(
      () => undefined,
    );
    return problems();
  }

  it('in a page of a first reading: what it had read is not written over what came since', async () => {
    const paused = await workers.start('sync:page:stop:1');
    await join(1, 20);
    await workers.untilStopped(paused);
    await workers.start();
    await change(1, 3, 'newer-than-the-page');
    await remove(1, 4);
    await until('the owner has read it', () => name(1, 3) === 'newer-than-the-page', { timeoutMs: 60_000 });
    await live(1);
    await workers.goOn(paused);
    await change(1, 5, 'afterwards');
    expect(await problemsLeft()).toEqual([]);
  });

  it('before the tombstone of a deletion is sent: the record that came back stays', async () => {
    const paused = await workers.start('sync:before-send:stop:1,sync:after-send:kill:1');
    await remove(1, 7);
    await workers.untilStopped(paused);
    const owner = await workers.start();
    await until('the owner has sent the tombstone', () => log.record(CLIENT, `${relay.tenantId(1)}/7`) === null, {
      timeoutMs: 60_000,
    });
    await change(1, 7, 'is-back');
    await until('it is back', () => name(1, 7) === 'is-back', { timeoutMs: 30_000 });
    // While it waits to see its own message it would see the late one too. Then only the read-back can find that.
    const unseen = (): Promise<number> => metricOf(owner, 'relay_state_unconfirmed', { name: 'records' });
    await until('the owner has seen it in the log', async () => (await unseen()) === 0, { timeoutMs: 30_000 });
    const before = log.events.length;
    paused.signal('SIGCONT');
    await until('the late tombstone', () => log.events.slice(before).some(({ value }) => value === null), {
      timeoutMs: 30_000,
    });
    expect(await problemsLeft()).toEqual([]);
    expect(await paused.ended).toBe('SIGKILL');
  });

  it('between the 404 of a record and its deletion: a record that came back is not deleted', async () => {
    const paused = await workers.start('sync:after-fetch:stop:1');
    await remove(1, 8);
    await workers.untilStopped(paused);
    history.put(1, 'client', 8, { firstname: 'never-away' }, { notify: false });
    await announce(1, 8);
    await workers.start();
    await until('the owner has read it', () => name(1, 8) === 'never-away', { timeoutMs: 60_000 });
    await workers.goOn(paused);
    await change(1, 9, 'afterwards');
    expect(await problemsLeft()).toEqual([]);
    expect(log.of(`${relay.tenantId(1)}/8`, CLIENT).map(({ value }) => value)).not.toContain(null);
  });

  /** Changes some records and returns when they have been noticed and the first of them is being read: the others wait. */
  async function leaveWaiting(turn: number): Promise<void> {
    const { faults, requests } = relay.simulator.provet;
    const slow = faults.add({ scope: '1', path: '/client/[1-6]/$', delayMs: 1_500 });
    const { last } = requests;
    for (let id = 1; id <= 6; id++) await change(1, id, `waits-${turn}-${id}`);
    await until('one of them is read', () => requests.count(/\/client\/[1-6]\/$/, last) > 0, { timeoutMs: 30_000 });
    faults.remove(slow);
  }

  it('under changes, twice, each in its turn: nothing is lost', async () => {
    let first = await workers.start();
    let second = await workers.start();
    for (let turn = 0; turn < 2; turn++) {
      await leaveWaiting(turn);
      // Whoever holds the shard is the one whose absence is noticed: both are stopped, one after the other.
      first.signal('SIGSTOP');
      for (let id = 10; id < 20; id++) await change(1, id, `turn-${turn}-of-${id}`);
      const done = (): boolean => [10, 19].every((id) => name(1, id) === `turn-${turn}-of-${id}`);
      await until('the other has done all', done, { timeoutMs: 60_000 });
      for (let id = 10; id < 20; id++) await change(1, id, `turn-${turn}-again-${id}`);
      first.signal('SIGCONT');
      [first, second] = [second, first];
    }
    expect(await problemsLeft()).toEqual([]);
  });
});
