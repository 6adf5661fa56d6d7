import type { Bench } from './bench.ts';
import { sharesText, watchCpu } from './cpu-shares.ts';
import type { Timed } from './change-load.ts';
import { NoticeLoad, kafkaAlone } from './notice-load.ts';
import type { BenchFigure } from './report.ts';
import { seedTenants } from './seed-tenants.ts';
import { median } from './statistics.ts';
import { sizeOf, untilCount, withSyncWorld } from './sync-world.ts';

const RECORDS = 20;
const WHOLE = { tenants: 200, seconds: 4, pairs: 3, most: 1_000 };
const RATES = [100, 300, 500, 1_000];
/** What is aimed at, by rate, in milliseconds; beyond these the figures only give the scale. */
const AIMS: Readonly<Record<number, { readonly p50: number; readonly p99: number }>> = {
  100: { p50: 100, p99: 500 },
  300: { p50: 300, p99: 1_000 },
};

interface Pair {
  readonly alone: Timed;
  readonly relayed: Timed;
}

/** Webhook to record event at steady rates over many tenants. */
export const noticeBench: Bench = {
  name: 'notice',
  parameters: ['tenants', 'seconds', 'pairs', 'most'],
  async run(world) {
    const { tenants: count, seconds, pairs, most } = sizeOf(world, WHOLE);
    const options = { tenants: count, records: RECORDS, resource: 'client', withGateway: true };
    const rates = RATES.filter((rate) => rate <= most);
    const results = new Map<number, Pair[]>(rates.map((rate) => [rate, []]));
    const notes: string[] = [];
    await withSyncWorld(world, options, async (sync) => {
      const tenants = await seedTenants(sync.kafka, sync.simulator.url, sync.provetIds, sync.publicJwks);
      const load = new NoticeLoad(sync, tenants, RECORDS, world.env['WEBHOOK_KEYS'] ?? '');
      await untilCount(() => load.recordsSeen, count * RECORDS, 'records of the first reading', 240);
      world.say(`${count} tenants have been read`);
      await load.timed(0, 100, Math.min(seconds, 5)); // warm
      for (let pair = 1; pair <= pairs; pair++) {
        for (const rate of rates) {
          const alone = await kafkaAlone(sync.kafka, rate, Math.min(seconds, 5));
          const stop = watchCpu(sync.pids);
          const relayed = await load.timed(pair * 10_000 + rate, rate, seconds);
          const shares = sharesText(stop());
          results.get(rate)?.push({ alone, relayed });
          world.say(
            `${rate}/s: Kafka alone ${JSON.stringify(alone)}, notice to event ${JSON.stringify(relayed)}; ${shares}`,
          );
          if (pair === pairs) notes.push(`At ${rate}/s, in the last pair, of one core: ${shares}.`);
        }
      }
      await load.close();
    });
    const what =
      `Webhook at the gateway to record event at a consumer, over ${count} tenants for ${seconds} s a rate, one provet-sync process, ` +
      'simulated vendor that answers at once, beside a message through the same Kafka alone at the same rate. ' +
      `Load, vendor, broker, database and services share the machine. ${pairs} alternating pairs.`;
    return { what, figures: figures(results), notes };
  },
};

function figures(results: ReadonlyMap<number, readonly Pair[]>): BenchFigure[] {
  const row = (name: string, runs: readonly number[], aim?: number): BenchFigure => ({
    name,
    unit: 'ms',
    median: median(runs),
    runs,
    ...(aim === undefined ? {} : { aim: `< ${aim} ms`, reached: median(runs) < aim }),
  });
  return [...results].flatMap(([rate, pairs]) =>
    (['p50', 'p99'] as const).flatMap((which) => [
      row(
        `${rate}/s, Kafka alone, ${which}`,
        pairs.map(({ alone }) => alone[which]),
      ),
      row(
        `${rate}/s, notice to event, ${which}`,
        pairs.map(({ relayed }) => relayed[which]),
        AIMS[rate]?.[which],
      ),
    ]),
  );
}
