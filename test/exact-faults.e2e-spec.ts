import { recordTopic } from '@relay/contracts';
import { backupOf, fileScope, until } from '@relay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from './support/appointments.js';
import { checkConverged } from './support/converged-checker.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { serviceTables } from './support/service-tables.js';
import { VendorHistory, type ExactHistory } from './support/vendor-history.js';
import { Workers } from './support/workers.js';

const scope = fileScope();
const APPOINTMENT = recordTopic('exact', 'appointment');
const PRACTICE = 'UKABC123';
const RECORDS = 24;

/**
 * Where a process dies, each going on where the one before it was killed: first in the reading of pages and records, then on
 * a change's way to the note of where it lies in the log. Nobody announces anything here: the next poll finds it.
 */
const KILLS = [
  'sync:before-page:kill:1',
  'sync:page:kill:1',
  'sync:after-page:kill:1',
  // In mid-page: some of its records are read, some wait.
  'sync:after-fetch:kill:8',
  'sync:before-fetch:kill:1',
  'sync:before-commit:kill:1',
  'sync:after-commit:kill:1',
  'sync:before-send:kill:1',
  'sync:after-send:kill:1',
  'sync:read-back:kill:1',
  'sync:after-read-back:kill:1',
] as const;

describe('exact-sync through crashes, pauses and a restored database', () => {
  let relay: RelayStack;
  let log: EventLog;
  let history: ExactHistory;
  let workers: Workers;

  const guid = (n: number): string => `00000${(0xe00 + n).toString(16)}-1300-0000-0000-008034EC7256`.toUpperCase();
  const key = (n: number): string => `${relay.practiceTenantId(PRACTICE)}/${guid(n).toLowerCase()}`;
  const change = (n: number, comment: string): void => history.put(PRACTICE, 'appointment', guid(n), { comment });
  const book = (n: number): void => history.put(PRACTICE, 'appointment', guid(n), { startDate: soon() });
  const remove = (n: number): void => history.remove(PRACTICE, 'appointment', guid(n));
  const comment = (n: number): unknown => log.of(key(n), APPOINTMENT).at(-1)?.value?.record?.['comment'] ?? null;
  /** From then on a state may come once more. */
  let isRestored = false;
  const problems = (): string[] => [
    ...checkConverged(log.events, history.states, { repeats: isRestored }),
    ...checkLog(log.events),
  ];

  /** What is still wrong with the topic once it has had the time to become right. */
  async function problemsLeft(): Promise<string[]> {
    await until('the topic tells what the vendor has held', () => problems().length === 0, { timeoutMs: 60_000 }).catch(
      () => undefined,
    );
    return problems();
  }

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      partitions: 1,
      services: ['tenant-registry', 'token-broker'],
      exact: true,
      simulator: { practices: 0 },
      env: {
        EXACT_RESOURCES: 'appointment',
        EXACT_POLL_SECONDS: '1',
        EXACT_FAR_SECONDS: '86400',
        EXACT_CALLS_PER_PRACTICE_HOUR: '100000',
      },
    });
    workers = new Workers(relay, 'exact-sync');
    log = await EventLog.follow(scope, relay.kafka, [['exact', 'appointment']]);
    history = VendorHistory.exact(relay);
    relay.simulator.exact.addPractice({ id: PRACTICE, records: 0 });
    relay.simulator.exact.pages.bytes = 4_000;
    for (let n = 0; n < RECORDS; n += 1) book(n);
  });

  afterAll(() => workers.stopAll());

  for (const [index, points] of KILLS.entries()) {
    it(`kill -9 at ${points}`, async () => {
      const doomed = await relay.startArmed('exact-sync', points, { waitUntilReady: false });
      expect(await doomed.ended).toBe('SIGKILL');
      // Changed while nobody reads.
      change(index, `after ${points}`);
      change(RECORDS - 1 - index, `also after ${points}`);
      book(RECORDS + index);
    });
  }

  it('loses nothing, ends at the newest state and makes no version twice', async () => {
    remove(3);
    await workers.start();
    expect(await problemsLeft()).toEqual([]);
    expect(log.record(APPOINTMENT, key(3))).toBeNull();
    await workers.stopAll();
  });

  it('paused in a page past its shard: what it had read is not written over what came since', async () => {
    const paused = await workers.start('sync:page:stop:1', { waitUntilReady: false });
    await workers.untilStopped(paused);
    change(5, 'newer-than-the-page');
    await workers.start();
    await until('the owner has read it', () => comment(5) === 'newer-than-the-page', { timeoutMs: 60_000 });
    await workers.goOn(paused);
    change(6, 'afterwards');
    await until('work goes on', () => comment(6) === 'afterwards', { timeoutMs: 60_000 });
    expect(await problemsLeft()).toEqual([]);
    await workers.stopAll();
  });

  it('paused in mid-send past its shard: its late message is followed by the newest state', async () => {
    change(7, 'in-mid-send');
    const points = 'sync:before-send:stop:1,sync:after-send:kill:1';
    const paused = await workers.start(points, { waitUntilReady: false });
    await workers.untilStopped(paused);
    await workers.start();
    change(7, 'newest');
    await until('the owner has sent it', () => comment(7) === 'newest', { timeoutMs: 60_000 });
    const before = log.events.length;
    paused.signal('SIGCONT');
    await until(
      'the late message, followed by the newest again',
      () => {
        const after = log.events.slice(before).flatMap((event) => (event.key === key(7) ? [event] : []));
        const late = after.findIndex(({ value }) => value?.record?.['comment'] === 'in-mid-send');
        return late >= 0 && after.slice(late + 1).some(({ value }) => value?.record?.['comment'] === 'newest');
      },
      { timeoutMs: 60_000 },
    );
    expect(await problemsLeft()).toEqual([]);
    await workers.stopAll();
  });

  it('over a database that was restored: what only the log knows is read again, and no version falls', async () => {
    const restore = await backupOf(await serviceTables(scope, relay.databaseUrl, 'exact-sync'));
    await workers.start();
    change(8, 'after-the-backup');
    book(90);
    book(91);
    await until('both are out', () => comment(8) !== null && [90, 91].every((n) => log.of(key(n)).length > 0), {
      timeoutMs: 60_000,
    });
    remove(9);
    await until('a deletion is out', () => log.record(APPOINTMENT, key(9)) === null, { timeoutMs: 60_000 });
    await workers.stopAll();
    // Of these the database will know nothing, and the vendor nothing any more of one of them.
    change(8, 'while-it-was-restored');
    remove(90);
    await restore();
    isRestored = true;
    await workers.start();
    expect(await problemsLeft()).toEqual([]);
    expect(log.record(APPOINTMENT, key(90))).toBeNull();
    expect(log.record(APPOINTMENT, key(9))).toBeNull();
  });
});
