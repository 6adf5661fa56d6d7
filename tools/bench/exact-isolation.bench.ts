import { setTimeout as delay } from 'node:timers/promises';
import { mostInASecond } from '#vendor-twins';
import type { Bench } from './bench.ts';
import { ChangeLoad, type Timed } from './change-load.ts';
import { pairFigures } from './pair-figures.ts';
import { withPracticeWorld, type BenchPractice, type PracticeWorld } from './practice-world.ts';
import type { BenchFigure } from './report.ts';
import { median, rounded } from './statistics.ts';
import { forSome, sizeOf, untilCount } from './sync-world.ts';

const WHOLE = { practices: 1_000, seconds: 15, pairs: 3, rate: 40, poll: 6, outage: 60, limit: 250 };
/** Of load before each measurement: who is sick has shown it. */
const WARM_SECONDS = 6;
/** Of a hundred practices so many are offline (503), then slow, then fail on every request (502). */
const OFFLINE = 30;
const SLOW = 5;
const FAULTY = 2;
const SLOW_MS = 20_000;
/** Of the vendor's log after the outage. */
const RECOVERY_SECONDS = 20;

type Sickness = 'none' | 'offline' | 'slow' | 'faulty';

function sicknessOf({ number }: BenchPractice): Sickness {
  const place = number % 100;
  if (place < OFFLINE) return 'offline';
  if (place < OFFLINE + SLOW) return 'slow';
  return place < OFFLINE + SLOW + FAULTY ? 'faulty' : 'none';
}

const isHealthy = (practice: BenchPractice): boolean => sicknessOf(practice) === 'none';

/** Whether practices of EXACT that are away, slow or failing are felt by the others, and what an outage of the gateway does. */
export const exactIsolationBench: Bench = {
  name: 'exact-isolation',
  parameters: Object.keys(WHOLE),
  async run(world) {
    const { practices: count, seconds, pairs, rate, poll, outage, limit } = sizeOf(world, WHOLE);
    const env = {
      EXACT_POLL_SECONDS: String(poll),
      EXACT_MAX_REQUESTS_PER_SECOND: String(limit),
      // So that the sick are soon well again between two pairs; it also has them probed more often than by default.
      BACKOFF_MAX_MS: '5000',
    };
    const well: Timed[] = [];
    const sick: Timed[] = [];
    const falling: Timed[] = [];
    const after = await withPracticeWorld(world, { practices: count, env }, async (practices) => {
      world.say(`${count} practices have been read`);
      const load = loadOn(practices);
      let isSick = false;
      for (let pair = 1; pair <= pairs; pair++) {
        // Which of the two comes first alternates: what the machine does meanwhile strikes both alike.
        for (const arm of pair % 2 === 1 ? (['well', 'sick'] as const) : (['sick', 'well'] as const)) {
          const run = pair * 10 + (arm === 'sick' ? 1 : 0);
          if (isSick !== (arm === 'sick')) {
            isSick = arm === 'sick';
            await become(practices, isSick);
            // Who is slow shows it with its first answer.
            if (isSick) falling.push(await load.timed(3_000 + run, rate, SLOW_MS / 1_000, isHealthy));
          }
          await load.timed(1_000 + run, rate, WARM_SECONDS, isHealthy);
          const timed = await load.timed(run, rate, seconds, isHealthy);
          (isSick ? sick : well).push(timed);
          world.say(`pair ${pair}, ${isSick ? 'with sick ones' : 'all healthy'}: ${JSON.stringify(timed)}`);
        }
      }
      if (!isSick) await become(practices, true);
      const result = await throughOutage(practices, outage, (line) => world.say(line));
      const again = await load.timed(2_000, rate, WARM_SECONDS, isHealthy);
      world.say(`after an outage of ${outage} s: ${JSON.stringify({ ...result, again })}`);
      return result;
    });
    const sickName = `${OFFLINE} % offline, ${SLOW} % slow, ${FAULTY} % failing`;
    return {
      what:
        `Freshness of near appointments of the healthy ones of ${count} practices, read every ${poll} s by one exact-sync: a change at the practice to its event, ${rate} changes/s over all for ${seconds} s after ${WARM_SECONDS} s of the same; all healthy against ` +
        `${sickName} (503; ${SLOW_MS / 1_000} s an answer; 502 to everything). ${pairs} pairs, alternating which comes first. Then, with the same sick ones, the gateway answers 500 to everything for ${outage / 2} s and 503 for as long. ` +
        `At most ${limit} requests a second; pauses between tries are at most 5 s here, so that the sick recover between two pairs.`,
      figures: [...pairFigures(well, sick, sickName, 's'), fallingFigure(falling), ...outageFigures(after, limit)],
      notes: [
        `${Math.round((rate * seconds * (100 - OFFLINE - SLOW - FAULTY)) / 100)} events a measurement. That no healthy practice waits for a place longer than one turn, is asserted on the virtual clock: apps/exact-sync/src/isolation.model.spec.ts.`,
        'Blamed: a practice that was live, of which sync-status said anything else during the outage or after it.',
      ],
    };
  },
};

function loadOn(world: PracticeWorld): ChangeLoad<BenchPractice> {
  return new ChangeLoad({
    kafka: world.kafka,
    vendor: 'exact',
    resource: 'appointment',
    member: 'comment',
    tenants: world.practices,
    records: 1,
    keyOf: ({ tenantId, appointment }) => `${tenantId}/${appointment}`,
    change: async ({ practiceId, appointment }, _record, comment) => {
      await world.ask('PATCH', `/exact/practices/${practiceId}/records/appointment/${appointment}`, { comment });
    },
  });
}

/** Has the sick lie down, or get up, and waits until all who get up have been read again. */
async function become(world: PracticeWorld, isSick: boolean): Promise<void> {
  const patients = world.practices.filter((practice) => !isHealthy(practice));
  await forSome(patients, (practice) => {
    const sickness = isSick ? sicknessOf(practice) : 'none';
    const mode = sickness === 'offline' || sickness === 'faulty' ? sickness : 'online';
    const state = { mode, delayMs: sickness === 'slow' ? SLOW_MS : 0 };
    return world.ask('PATCH', `/exact/practices/${practice.practiceId}`, state);
  });
  if (isSick) return;
  await untilCount(() => world.count('live'), world.practices.length, 'practices that are live again', 120);
  // Who was slow answers to the end what it was asked.
  await delay(SLOW_MS);
}

interface Outage {
  /** Practices of which something was said that was not said before. */
  readonly blamed: number;
  /** Most requests that the vendor has met in any second after it. */
  readonly most: number;
}

async function throughOutage(world: PracticeWorld, seconds: number, say: (line: string) => void): Promise<Outage> {
  const offline = world.practices.filter((practice) => sicknessOf(practice) === 'offline').length;
  await untilCount(() => world.count('offline'), offline, 'practices that are offline', 60);
  const live = new Set([...world.statuses.values()].flatMap((one) => (one.phase === 'live' ? [one.tenantId] : [])));
  world.said = [];
  for (const status of [500, 503]) {
    await world.ask('POST', '/faults', {
      vendor: 'exact',
      path: '^/v1/Practices/',
      effect: { kind: 'status', status },
    });
    await delay((seconds * 1_000) / 2);
    await world.ask('DELETE', '/faults');
  }
  const { last } = (await world.ask('GET', '/requests?vendor=exact&limit=1')) as { last: number };
  await delay(RECOVERY_SECONDS * 1_000);
  const log = (await world.ask('GET', `/requests?vendor=exact&after=${last}&limit=10000`)) as {
    requests: { at: number }[];
  };
  const faulty = new Set(
    world.practices.flatMap((practice) => (sicknessOf(practice) === 'faulty' ? [practice.tenantId] : [])),
  );
  const blamed = world.said.filter(
    ({ tenantId, phase, presence }) =>
      live.has(tenantId) && !faulty.has(tenantId) && (phase !== 'live' || presence?.standing !== 'online'),
  );
  for (const { practiceId, tenantId } of world.practices) {
    const [first] = blamed.filter((one) => one.tenantId === tenantId);
    if (first !== undefined) say(`blamed: ${practiceId}, ${JSON.stringify(first)}`);
  }
  return {
    blamed: new Set(blamed.map(({ tenantId }) => tenantId)).size,
    most: mostInASecond(log.requests.map(({ at }) => at)),
  };
}

function fallingFigure(falling: readonly Timed[]): BenchFigure {
  const runs = falling.map(({ p99 }) => rounded(p99 / 1_000, 2));
  return {
    name: `while they fall sick (${SLOW_MS / 1_000} s), p99 of the healthy`,
    unit: 's',
    median: median(runs),
    runs,
  };
}

function outageFigures({ blamed, most }: Outage, limit: number): BenchFigure[] {
  const figure = (name: string, unit: string, value: number, aim: string, reached: boolean): BenchFigure => ({
    name,
    unit,
    median: value,
    runs: [value],
    aim,
    reached,
  });
  return [
    figure('blamed for the outage of the gateway', 'practices', blamed, '0', blamed === 0),
    figure('after it, most requests in any second', 'requests', most, `≤ ${limit}`, most <= limit),
  ];
}
