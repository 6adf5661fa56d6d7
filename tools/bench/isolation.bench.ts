import type { Bench } from './bench.ts';
import type { Timed } from './change-load.ts';
import { NoticeLoad } from './notice-load.ts';
import { pairFigures } from './pair-figures.ts';
import { seedTenants, type BenchTenant } from './seed-tenants.ts';
import { sizeOf, untilCount, withSyncWorld } from './sync-world.ts';

const RECORDS = 4;
const WHOLE = { tenants: 1_000, seconds: 15, pairs: 3, rate: 100 };
/** Of load before each measurement: who is sick has shown it, and compiled code is warm. */
const WARM_SECONDS = 4;
/** Of ten tenants, how many lie down in the sick half of a pair; every second of them is slow, the others do not answer. */
const SICK_OF_TEN = 3;
const SLOW_MS = 3_000;

const isSick = ({ provetId }: BenchTenant): boolean => provetId % 10 < SICK_OF_TEN;
const isHealthy = (tenant: BenchTenant): boolean => !isSick(tenant);

/** Whether practices that are away or slow are felt by the others. */
export const isolationBench: Bench = {
  name: 'isolation',
  parameters: ['tenants', 'seconds', 'pairs', 'rate'],
  async run(world) {
    const { tenants: count, seconds, pairs, rate } = sizeOf(world, WHOLE);
    // So that the sick are soon well again between two pairs; it also has them probed more often than by default.
    const env = { BACKOFF_MAX_MS: '5000' };
    const options = { tenants: count, records: RECORDS, resource: 'client', withGateway: true, env };
    const well: Timed[] = [];
    const sick: Timed[] = [];
    await withSyncWorld(world, options, async (sync) => {
      const tenants = await seedTenants(sync.kafka, sync.simulator.url, sync.provetIds, sync.publicJwks);
      const load = new NoticeLoad(sync, tenants, RECORDS, world.env['WEBHOOK_KEYS'] ?? '');
      await untilCount(() => load.recordsSeen, count * RECORDS, 'records of the first reading', 240);
      const plant = (rule: object) => control(sync.simulator.url, 'POST', { vendor: 'provet', ...rule });
      for (let pair = 1; pair <= pairs; pair++) {
        // Which of the two comes first alternates: what the machine does meanwhile strikes both alike.
        for (const arm of pair % 2 === 1 ? (['well', 'sick'] as const) : (['sick', 'well'] as const)) {
          if (arm === 'sick') {
            await plant({ path: String.raw`^/\d*[1]/api/`, delayMs: SLOW_MS });
            await plant({ path: String.raw`^/\d*[02]/api/`, effect: { kind: 'reset' } });
          }
          const run = pair * 10 + (arm === 'sick' ? 1 : 0);
          await load.timed(1_000 + run, rate, WARM_SECONDS, isHealthy);
          const timed = await load.timed(run, rate, seconds, isHealthy);
          (arm === 'sick' ? sick : well).push(timed);
          world.say(
            `pair ${pair}, ${arm === 'sick' ? `${SICK_OF_TEN} of 10 away or slow` : 'all healthy'}: ${JSON.stringify(timed)}`,
          );
          await control(sync.simulator.url, 'DELETE');
          await load.drained(120);
        }
      }
      await load.close();
    });
    return {
      what:
        `Webhook to event of the healthy ones of ${count} tenants at ${rate}/s over all for ${seconds} s after ${WARM_SECONDS} s of the same, all healthy against 30 % whose server resets every connection ` +
        `or takes ${SLOW_MS} ms. ${pairs} pairs, alternating which comes first. Pauses between tries are at most 5 s here, so that the sick recover between two pairs.`,
      figures: pairFigures(well, sick, '30 % away or slow'),
      notes: [
        `${Math.round(rate * seconds * (1 - SICK_OF_TEN / 10))} events a measurement. That no healthy practice waits for a place longer than one turn, is asserted on the virtual clock: apps/provet-sync/src/isolation.spec.ts.`,
      ],
    };
  },
};

async function control(simulator: string, method: string, rule?: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const url = `${simulator}/_control/faults`;
  const response = await fetch(url, { method, ...(rule === undefined ? {} : { headers, body: JSON.stringify(rule) }) });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the simulator answered ${response.status} to a planted fault`);
}
