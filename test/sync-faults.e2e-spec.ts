import { recordTopic } from '@relay/contracts';
import { FAULT_POINTS, type FaultPoint } from '@relay/sync-engine';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkConverged } from './support/converged-checker.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';
import { VendorHistory, type ProvetHistory } from './support/vendor-history.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const RECORDS = 24;
/**
 * A step stands still for so long before the process dies: what must only happen after it (an offset, a message) gets every
 * chance to happen too early.
 */
const STANDS_STILL_MS = 500;

/** Pages: `page-faults.e2e-spec.ts`. Purges: `purges.int-spec.ts` of the engine. */
const { page: _pages, purge: _purges, ...onTheWay } = FAULT_POINTS;
/** Every step between a notice and the note of where its version lies in the log, in the order in which they are passed. */
const POINTS: readonly FaultPoint[] = Object.values(onTheWay).flat();

describe('changes, with kill -9 at every step on their way', () => {
  let relay: RelayStack;
  let log: EventLog;
  let history: ProvetHistory;
  let tenantId: string;
  let next = 0;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      partitions: 1,
      // Only notices may bring a change here: the checks run once a day.
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400', PROVET_WEBHOOKS: 'manual' },
    });
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    const status = await StatusLog.follow(scope, relay.kafka);
    tenantId = await relay.joinProvet({ id: 1, records: { client: RECORDS } });
    await until('the tenant is live', () => status.allLive(tenantId, ['client']), { timeoutMs: 60_000 });
    history = VendorHistory.provet(relay);
    history.begin(1, ['client']);
    await relay.service('provet-sync').stop();
  });

  /** Changes a record and announces it; answered 200. */
  async function change(what: string): Promise<void> {
    const id = 1 + (next++ % (RECORDS - 1));
    history.put(1, 'client', id, { firstname: what }, { notify: false });
    expect((await relay.webhook(1, 1, `client_id=${id}`)).status).toBe(200);
  }

  /** Starts a process that dies at the point, by what the one before has left or by what comes now; returns how it ended. */
  async function killAt(point: string): Promise<string> {
    await change(`waits for ${point}`);
    const points = `${point}:delay=${STANDS_STILL_MS},${point}:kill`;
    const doomed = await relay.startArmed('provet-sync', points, { waitUntilReady: false });
    await change(`first at ${point}`);
    await change(`second at ${point}`);
    // The same record again, while it is under way.
    next -= 1;
    await change(`third at ${point}`);
    return doomed.ended;
  }

  const problems = (): string[] => [...checkConverged(log.events, history.states), ...checkLog(log.events)];

  for (const point of POINTS) it(`kill -9 at ${point}`, async () => expect(await killAt(point)).toBe('SIGKILL'));

  it('loses nothing, ends at the newest state and makes no version twice', async () => {
    await relay.startService('provet-sync');
    await until('the topic tells what the vendor has held', () => problems().length === 0, { timeoutMs: 60_000 }).catch(
      () => undefined,
    );
    expect(problems()).toEqual([]);
    expect(log.present(CLIENT).size).toBe(RECORDS);
  });
});
