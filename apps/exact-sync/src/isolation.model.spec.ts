import type { SyncStatusValue } from '@relay/contracts';
import { mostInASecond } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { ExactModel } from './test-support/exact-model.js';

const COUNT = 60;
/** 30 % are offline, 5 % slow, 2 % fail on every request. */
const OFFLINE = 18;
const SLOW = 3;
const FAULTY = 1;
const SLOW_MS = 20_000;
const POLL_MS = 30_000;
const MAX_REQUESTS_PER_SECOND = 20;
/** A call that takes longer than this leaves the places of the quick: nobody holds one for longer. */
const TURN_MS = 2_000;
const MINUTE = 60_000;

const ids = Array.from({ length: COUNT }, (_, index) => `UK${100 + index}`);
const healthy = ids.slice(OFFLINE + SLOW + FAULTY);

const model = new ExactModel({
  seed: 'exact-isolation',
  resources: ['appointment'],
  pollSeconds: POLL_MS / 1_000,
  farSeconds: 86_400,
  maxRequestsPerSecond: MAX_REQUESTS_PER_SECOND,
  // One place: the sick would hold many. Who is away is asked so often that all tries would be theirs.
  config: { laneConcurrency: 1, httpAttemptTimeoutMs: 30_000, backoffMaxMs: 2_000 },
});

/** What is held against a practice. */
const standing = ({ phase, reason, presence }: SyncStatusValue): string => `${phase} ${reason} ${presence?.standing}`;

const said = (): SyncStatusValue[] =>
  model.log.messages('sync-status.v1').map(({ value }) => JSON.parse(value ?? '{}') as SyncStatusValue);

/** When each practice was asked for its appointments since an instant. */
function askedAt(since: number): Map<string, number[]> {
  const asked = new Map<string, number[]>();
  for (const { at, scope } of model.twin.requests.list(/Appointments\?/)) {
    if (at >= since) asked.set(scope, [...(asked.get(scope) ?? []), at]);
  }
  return asked;
}

/** More to read than it answers for while this runs. */
function keepBusy(practice: string): void {
  const startDate = new Date(model.clock.now() + 86_400_000).toISOString();
  for (let n = 0; n < 100; n += 1) model.twin.put(practice, 'appointment', null, { startDate });
}

beforeAll(async () => {
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  for (const id of ids) model.practice({ id, records: 2 });
  const live = () => new Set(said().flatMap(({ phase, tenantId }) => (phase === 'live' ? [tenantId] : [])));
  await model.clock.until('all are live', () => live().size === COUNT);
  const state = (index: number) => model.twin.practice(ids[index] as string).state;
  for (let index = 0; index < OFFLINE; index += 1) state(index).mode = 'offline';
  for (let index = OFFLINE; index < OFFLINE + SLOW; index += 1) {
    state(index).delayMs = SLOW_MS;
    keepBusy(ids[index] as string);
  }
  for (let index = OFFLINE + SLOW; index < COUNT - healthy.length; index += 1) state(index).mode = 'faulty';
  // Each of the sick shows once that it is.
  await model.run(2 * MINUTE);
}, 120_000);

describe('practices beside others that are offline, slow or failing', { timeout: 60_000 }, () => {
  it('wait for a place no longer than one turn', async () => {
    const began = model.clock.now();
    await model.run(5 * MINUTE);
    const asked = askedAt(began);
    for (const id of healthy) {
      const instants = [began, ...(asked.get(id) ?? []), model.clock.now()];
      const pauses = instants.slice(1).map((at, index) => at - (instants[index] as number));
      expect(Math.max(...pauses), id).toBeLessThanOrEqual(POLL_MS + TURN_MS);
    }
  });
});

describe('an outage of the gateway for a minute, in the same world', { timeout: 60_000 }, () => {
  /** 500 is the gateway's own word; with 503 it looks as if every practice were away at once. One may follow the other. */
  it.for([{ answers: [500] }, { answers: [503] }, { answers: [503] }, { answers: [500, 503] }])(
    'that answers $answers blames no practice, and all come back within the request limit',
    async ({ answers }) => {
      const before = said().length;
      for (const status of answers) {
        const fault = model.twin.faults.add({ path: '^/v1/Practices/', effect: { kind: 'status', status } });
        await model.run(MINUTE / answers.length);
        model.twin.faults.remove(fault);
      }
      const backAt = model.clock.now();
      await model.run(MINUTE);

      const stood = new Map(
        said()
          .slice(0, before)
          .map((status) => [status.tenantId, standing(status)]),
      );
      expect(stood.size).toBe(COUNT);
      const changed = said()
        .slice(before)
        .filter((status) => standing(status) !== stood.get(status.tenantId));
      expect(changed).toEqual([]);
      expect(model.complaints.filter(({ message }) => message.includes('longer silent'))).toEqual([]);
      const again = askedAt(backAt);
      expect(healthy.filter((id) => !again.has(id))).toEqual([]);
      const times = model.twin.requests.list().flatMap(({ at }) => (at >= backAt ? [at] : []));
      expect(mostInASecond(times)).toBeLessThanOrEqual(MAX_REQUESTS_PER_SECOND);
    },
  );
});
