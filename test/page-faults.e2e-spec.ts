import { recordTopic } from '@relay/contracts';
import { FAULT_POINTS } from '@relay/sync-engine';
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
/** Three pages of a hundred; of each record the detail form is fetched, since the list form lacks members. */
const RECORDS = 250;
/** What it takes to read a page again from its beginning, in fetches: less than this was repeated in all. */
const MOST_REPEATED = 60;

/** Where a first reading dies, in this order: each process goes on where the one before it was killed. */
const KILLS = [
  { point: 'sync:before-page', arrival: 1 },
  { point: 'sync:page', arrival: 1 },
  // In the transaction that commits the first page.
  { point: 'sync:before-commit', arrival: 1 },
  { point: 'sync:after-page', arrival: 1 },
  // In mid-page: some of its records are read, some wait.
  { point: 'sync:after-fetch', arrival: 40 },
  { point: 'sync:after-page', arrival: 1 },
] as const;

it('knows every fault point of a page', () => {
  expect(KILLS.map(({ point }) => point)).toEqual(expect.arrayContaining([...FAULT_POINTS.page]));
});

describe('a first reading, with kill -9 at every step of a page', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let history: ProvetHistory;
  let tenantId: string;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      partitions: 1,
      services: ['tenant-registry', 'token-broker', 'gateway'],
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400', PROVET_WEBHOOKS: 'manual' },
    });
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    status = await StatusLog.follow(scope, relay.kafka);
    tenantId = await relay.joinProvet({ id: 1, records: { client: RECORDS } });
    const { switches } = relay.simulator.provet.tenant(1);
    switches.limits = false;
    switches.listForm = { client: 'reduced' };
    history = VendorHistory.provet(relay);
    history.begin(1, ['client']);
  });

  const asked = (path: string): number => relay.simulator.provet.requests.count(new RegExp(`^GET /1/api/0\\.1${path}`));
  const problems = (): string[] => [...checkConverged(log.events, history.states), ...checkLog(log.events)];

  for (const [index, { point, arrival }] of KILLS.entries()) {
    it(`kill -9 at ${point}, arrival ${arrival} (${index + 1})`, async () => {
      const doomed = await relay.startArmed('provet-sync', `${point}:kill:${arrival}`, { waitUntilReady: false });
      expect(await doomed.ended).toBe('SIGKILL');
      // Changed while nobody reads: before, in and behind the page that is under way.
      for (const id of [1 + index, 60 + index, 200 + index]) {
        history.put(1, 'client', id, { firstname: `After-kill-${index}` }, { notify: false });
        expect((await relay.webhook(1, 1, `client_id=${id}`)).status).toBe(200);
      }
    });
  }

  it('goes on inside the page and ends with everything, newest states last', { timeout: 90_000 }, async () => {
    await relay.startService('provet-sync');
    await until('it is live', () => status.phase(tenantId, 'client') === 'live', { timeoutMs: 60_000 });
    await until('the topic tells what the vendor has held', () => problems().length === 0).catch(() => undefined);
    expect(problems()).toEqual([]);
    expect(log.present(CLIENT).size).toBe(RECORDS);
    const lists = asked('/client/\\?ordering=id');
    const fetches = asked('/client/\\d+/$');
    console.log(`${RECORDS} records: ${lists} pages asked for, ${fetches} fetches over ${KILLS.length} kills`);
    // What was committed of a page is not read again by the next process.
    expect(fetches).toBeLessThan(RECORDS + MOST_REPEATED);
  });
});
