import { setTimeout as delay } from 'node:timers/promises';
import type { SyncStatusValue } from '#contracts';
import type { Bench } from './bench.ts';
import { residentMiB } from './cpu-shares.ts';
import { cpuMs } from './processes.ts';
import type { BenchFigure } from './report.ts';
import { seedTenants } from './seed-tenants.ts';
import { rounded } from './statistics.ts';
import { sizeOf, untilCount, withSyncWorld } from './sync-world.ts';

const WHOLE = { tenants: 10_000, seconds: 20 };
const MOST_PERCENT = 5;
const MOST_MIB = 200;

/** What many tenants cost while nothing happens: their lanes must not be a timer or a connection each. */
export const idleBench: Bench = {
  name: 'idle',
  parameters: ['tenants', 'seconds'],
  async run(world) {
    const { tenants, seconds } = sizeOf(world, WHOLE);
    const options = { tenants, records: 0, resource: 'client', withGateway: false };
    const measured = await withSyncWorld(world, options, async (sync) => {
      const { pid } = sync.sync.child.identity;
      const percentOfCore = async (): Promise<number> => {
        const [before, began] = [cpuMs(pid), performance.now()];
        await delay(seconds * 1000);
        return rounded((100 * (cpuMs(pid) - before)) / (performance.now() - began), 1);
      };
      const empty = { percent: await percentOfCore(), mib: residentMiB(pid) };
      world.say(`empty: ${empty.percent} % of a core, ${rounded(empty.mib)} MiB`);
      const live = new Set<string>();
      sync.kafka.tableReader({
        topics: ['sync-status.v1'],
        onBatch: ({ messages }) => {
          for (const { key, value } of messages) {
            // The mark of its first reading is the last that is worked on by itself.
            const status = value as SyncStatusValue | null;
            if (status?.phase === 'live' && (status.snapshot ?? null) !== null) live.add(key);
          }
        },
      });
      const began = performance.now();
      await seedTenants(sync.kafka, sync.simulator.url, sync.provetIds, sync.publicJwks);
      await untilCount(() => live.size, tenants, 'tenants that are live and marked', 240);
      world.say(`${tenants} tenants live and marked after ${rounded((performance.now() - began) / 1000)} s`);
      // The last statuses are read back, and the collector has had its turn.
      await delay(15_000);
      const full = { percent: await percentOfCore(), mib: residentMiB(pid) };
      world.say(`with ${tenants} tenants: ${full.percent} % of a core, ${rounded(full.mib)} MiB`);
      return { empty, full };
    });
    return {
      what: `${tenants} tenants without records, seeded through the topics, read once and marked as whole, reconcile off, one provet-sync process; ${seconds} s each, before they came and after.`,
      figures: figures(measured),
      notes: [],
    };
  },
};

interface State {
  readonly percent: number;
  readonly mib: number;
}

function figures({ empty, full }: { readonly empty: State; readonly full: State }): BenchFigure[] {
  const row = (name: string, unit: string, value: number, most?: number): BenchFigure => ({
    name,
    unit,
    median: value,
    runs: [value],
    ...(most === undefined ? {} : { aim: `< ${most} ${unit}`, reached: value < most }),
  });
  return [
    row('empty: processor', '% of a core', empty.percent),
    row('empty: memory', 'MiB', rounded(empty.mib)),
    row('full: processor', '% of a core', full.percent, MOST_PERCENT),
    row('full: memory', 'MiB', rounded(full.mib)),
    row('memory above empty', 'MiB', rounded(full.mib - empty.mib), MOST_MIB),
  ];
}
