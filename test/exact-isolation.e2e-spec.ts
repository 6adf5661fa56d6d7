import { recordTopic, type SyncStatusValue } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { mostInASecond } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { bookSoon } from './support/appointments.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const APPOINTMENT = recordTopic('exact', 'appointment');
const COUNT = 60;
/** 30 % are offline, 5 % slow, 2 % fail on every request. */
const OFFLINE = 18;
const SLOW = 3;
const FAULTY = 1;
const SLOW_MS = 20_000;
const PER_SECOND = 60;
/** By the vendor's clock: what a busy machine has held back for half a second comes with the next half. */
const MOST_IN_A_SECOND = 1.5 * PER_SECOND;

const ids = Array.from({ length: COUNT }, (_, index) => `UK${100 + index}`);
const offline = ids.slice(0, OFFLINE);
const slow = ids.slice(OFFLINE, OFFLINE + SLOW);
const faulty = ids.slice(OFFLINE + SLOW, OFFLINE + SLOW + FAULTY);
const healthy = ids.slice(OFFLINE + SLOW + FAULTY);

/** `npm run bench -- exact-isolation` measures it with a thousand practices. */
describe('practices of EXACT beside others that are offline, slow or failing', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  const booked = new Map<string, string>();

  const of = (practice: string): string => relay.practiceTenantId(practice);
  const asked = (practice: string, after = 0): number =>
    relay.simulator.exact.requests.count(new RegExp(`/Practices/${practice}/Appointments`), after);
  const seen = (practice: string): unknown =>
    log.record(APPOINTMENT, `${of(practice)}/${String(booked.get(practice)).toLowerCase()}`)?.['status'];

  /** Changes an appointment of every healthy practice and waits until all are published. */
  async function changeTheHealthy(to: string): Promise<void> {
    for (const practice of healthy) {
      relay.simulator.exact.put(practice, 'appointment', booked.get(practice) ?? null, { status: to });
    }
    await until(`all that became ${to}`, () => healthy.every((practice) => seen(practice) === to), {
      timeoutMs: 60_000,
    });
  }

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      services: ['tenant-registry', 'token-broker', 'exact-sync'],
      exact: true,
      simulator: { practices: 0 },
      env: {
        EXACT_RESOURCES: 'practice,appointment',
        EXACT_POLL_SECONDS: '3',
        EXACT_FAR_SECONDS: '86400',
        EXACT_SWEEP_SECONDS: '86400',
        EXACT_CALLS_PER_PRACTICE_HOUR: '100000',
        EXACT_MAX_REQUESTS_PER_SECOND: String(PER_SECOND),
        // One place for all of them: whoever is slow would hold it for the others.
        LANE_CONCURRENCY: '1',
      },
    });
    log = await EventLog.follow(scope, relay.kafka, [['exact', 'appointment']]);
    status = await StatusLog.follow(scope, relay.kafka);
    const none = { appointment: 0, patient: 0, practitioner: 0, payor: 0 };
    await relay.joinExact(ids.map((id) => ({ id, records: none })));
    for (const id of ids) booked.set(id, bookSoon(relay.simulator.exact, id, 1)[0] as string);
    await until('all are live', () => ids.every((id) => status.allLive(of(id), ['practice', 'appointment'])), {
      timeoutMs: 90_000,
    });
    await until('all appointments are out', () => ids.every((id) => seen(id) === 'Pending'), { timeoutMs: 60_000 });
  });

  it('have their changes published as if they were alone', async () => {
    const { exact } = relay.simulator;
    const before = exact.requests.last;
    for (const id of offline) exact.practice(id).state.mode = 'offline';
    for (const id of faulty) exact.practice(id).state.mode = 'faulty';
    for (const id of slow) {
      exact.practice(id).state.delayMs = SLOW_MS;
      // More to read than it can answer for while this runs.
      bookSoon(exact, id, 50);
    }
    await until(
      'the sick have shown that they are',
      () =>
        offline.every((id) => status.phase(of(id), 'appointment') === 'offline') &&
        slow.every((id) => asked(id, before) > 0),
      { timeoutMs: 60_000 },
    );
    const began = Date.now();
    for (const to of ['Confirmed', 'Arrived']) await changeTheHealthy(to);
    console.log(`2 changes of ${healthy.length} healthy practices: ${Date.now() - began} ms`);
    for (const id of healthy) expect(status.phase(of(id), 'appointment')).toBe('live');
  });

  /** 500 is the gateway's own word; with 503 it looks as if every practice were away at once. */
  it.for([
    { answer: 500, times: 15, next: 'Completed' },
    { answer: 503, times: 30, next: 'Pending' },
  ])(
    'are not blamed for an outage of the gateway ($answer), and come back within the limit of requests',
    async ({ answer, times, next }) => {
      const { exact } = relay.simulator;
      const before = status.said.length;
      const stood = new Map(ids.map((id) => [of(id), standing(status.of(of(id), 'appointment'))]));
      const fault = exact.faults.add({ path: '^/v1/Practices/', effect: { kind: 'status', status: answer } });
      const struck = (): number => exact.faults.list().find(({ id }) => id === fault)?.struck ?? 0;
      await until('the outage is felt', () => struck() >= times, { timeoutMs: 60_000 });
      const met = struck();
      exact.faults.remove(fault);
      const after = exact.requests.last;
      await changeTheHealthy(next);

      const changed = status.said
        .slice(before)
        .filter(({ resource, tenantId }) => resource === 'appointment' && !faulty.some((id) => of(id) === tenantId))
        .filter((one) => standing(one) !== stood.get(one.tenantId));
      expect(changed).toEqual([]);
      for (const id of faulty) expect(status.phase(of(id), 'appointment')).not.toBe('offline');
      for (const id of ids) expect((await relay.tenant(of(id)))?.state).toBe('active');
      const pace = mostInASecond(exact.requests.list(/\/Practices\//, after).map(({ at }) => at));
      console.log(`${answer}: ${met} requests met it; then ${pace} requests in one second at most`);
      expect(pace).toBeLessThanOrEqual(MOST_IN_A_SECOND);
    },
  );

  it('leave a log that keeps every promise', () => {
    expect(relay.service('exact-sync').log()).not.toContain('longer silent');
    expect(checkLog(log.events)).toEqual([]);
  });
});

/** What is held against a practice. */
function standing(status: SyncStatusValue | undefined): string {
  return `${status?.phase} ${status?.reason} ${status?.presence?.standing}`;
}
