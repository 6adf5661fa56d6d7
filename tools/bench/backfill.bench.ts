import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { recordTopic } from '#contracts';
import type { Bench, BenchWorld } from './bench.ts';
import { residentMiB, sharesText, watchCpu } from './cpu-shares.ts';
import type { BenchFigure } from './report.ts';
import { seedTenants } from './seed-tenants.ts';
import { median, rounded } from './statistics.ts';
import { sizeOf, untilCount, withSyncWorld, type SyncWorld } from './sync-world.ts';
import { tableSizes } from './table-sizes.ts';

/** The run that is reported. A million is `records=1000000`; it belongs to nobody's ordinary hour. */
const WHOLE = { tenants: 20, records: 100_000, details: 30_000 };
const SAMPLE_MS = 500;

interface Kind {
  readonly resource: string;
  readonly name: string;
  readonly aim: number;
}
/** Its list form is complete at the simulated vendor. */
const LISTED: Kind = { resource: 'client', name: 'list form complete', aim: 3_000 };
/** Its list form lacks members, so that each record is fetched once more. */
const FETCHED: Kind = { resource: 'consultation', name: 'a detail fetch each', aim: 600 };

interface Measured {
  readonly perSecond: number;
  readonly simulatorAlone: number;
  readonly memoryAtFifth: number;
  readonly memoryAtEnd: number;
  readonly shares: string;
  readonly tables: readonly string[];
}

/** First reading of many records with the vendor's limits off, until the last one's event was read by a consumer. */
export const backfillBench: Bench = {
  name: 'backfill',
  parameters: ['tenants', 'records', 'details'],
  async run(world) {
    const { tenants, records, details } = sizeOf(world, WHOLE);
    const listed = await measure(world, 'list', LISTED, tenants, records);
    const fetched = await measure(world, 'detail', FETCHED, tenants, details);
    return {
      what:
        `First reading of ${tenants} tenants, limits off, one provet-sync process with default settings, until a consumer has read the event of each record: ` +
        `${records} of a resource whose list form is complete, ${details} of one whose records are fetched one by one. ` +
        'Beside it what the simulated vendor alone gives, asked for the same pages by four readers; it shares the machine with all the others.',
      figures: [...figures(LISTED, listed), ...figures(FETCHED, fetched)],
      notes: [
        `${LISTED.name}, of one core: ${listed.shares}.`,
        `${FETCHED.name}, of one core: ${fetched.shares}.`,
        ...listed.tables,
      ],
    };
  },
};

async function measure(
  world: BenchWorld,
  part: string,
  kind: Kind,
  tenants: number,
  records: number,
): Promise<Measured> {
  const each = Math.ceil(records / tenants);
  const options = { tenants, records: each, resource: kind.resource, withGateway: false };
  const own = ownPlace(world, part);
  return withSyncWorld(own, options, async (sync) => {
    const wanted = each * tenants;
    const seen = new Set<string>();
    const reader = sync.kafka.tableReader({
      topics: [recordTopic('provet', kind.resource)],
      onBatch: ({ messages }) => {
        for (const { key } of messages) seen.add(key);
      },
    });
    await reader.loaded;
    const simulatorAlone = await pagesAlone(sync, kind.resource, Math.min(wanted, 10_000), each);
    const pid = sync.sync.child.identity.pid;
    const samples: { readonly seen: number; readonly mib: number }[] = [];
    const began = performance.now();
    const stop = watchCpu(sync.pids);
    await seedTenants(sync.kafka, sync.simulator.url, sync.provetIds, sync.publicJwks);
    const sampling = setInterval(() => samples.push({ seen: seen.size, mib: residentMiB(pid) }), SAMPLE_MS);
    try {
      await untilCount(() => seen.size, wanted, 'records', Math.max(120, wanted / 300));
    } finally {
      clearInterval(sampling);
    }
    const seconds = (performance.now() - began) / 1000;
    const shares = sharesText(stop());
    world.say(`${kind.name}: ${wanted} records in ${rounded(seconds, 1)} s; ${shares}`);
    // Statistics of a database are written once a second at most.
    await delay(1_500);
    return {
      perSecond: rounded(wanted / seconds),
      simulatorAlone,
      memoryAtFifth: memoryAt(samples, 0.2 * wanted),
      memoryAtEnd: memoryAt(samples, wanted),
      shares,
      tables: await tableSizes(world.env['DATABASE_URL'] ?? '', 'provet_sync'),
    };
  });
}

/** Topics of their own, so that one part's records are not the other's. The database is shared: it holds other tenants. */
function ownPlace(world: BenchWorld, part: string): BenchWorld {
  const of = (name: string): string => `${world.env[name] ?? ''}${part}.`;
  const env = { ...world.env, TOPIC_PREFIX: of('TOPIC_PREFIX'), CONSUMER_GROUP_PREFIX: of('CONSUMER_GROUP_PREFIX') };
  return { ...world, folder: `${world.folder}/${part}`, env };
}

/** Median of the few samples around the moment when so many had been read: the collector makes single ones jump. */
function memoryAt(samples: readonly { readonly seen: number; readonly mib: number }[], count: number): number {
  const found = samples.findIndex(({ seen }) => seen >= count);
  const at = found < 0 ? samples.length - 1 : found;
  return rounded(median(samples.slice(Math.max(0, at - 3), at + 4).map(({ mib }) => mib)));
}

/** Records a second that the simulated vendor gives when nobody does anything with them. */
async function pagesAlone(sync: SyncWorld, resource: string, records: number, each: number): Promise<number> {
  const { url } = sync.simulator;
  const provetId = sync.provetIds[0] ?? 0;
  const registration = (await (await fetch(`${url}/_control/provet/tenants/${provetId}/hookup`)).json()) as Record<
    string,
    string
  >;
  const authorization = `Basic ${Buffer.from(`${registration['client_id']}:${registration['client_secret']}`).toString('base64')}`;
  const tokenAnswer = await fetch(registration['token_url'] ?? '', {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const token = ((await tokenAnswer.json()) as { access_token: string }).access_token;
  const dispatcher = new Agent();
  const pages = Math.ceil(records / 100);
  const pagesThere = Math.max(1, Math.floor(each / 100));
  let next = 0;
  const began = performance.now();
  const read = async (): Promise<void> => {
    while (next < pages) {
      const page = 1 + (next++ % pagesThere);
      const path = `${url}/${provetId}/api/0.1/${resource}/?ordering=id&page=${page}&page_size=100`;
      const answer = await request(path, { dispatcher, headers: { authorization: `Bearer ${token}` } });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`the simulator answered ${answer.statusCode} to ${path}`);
    }
  };
  await Promise.all([read(), read(), read(), read()]);
  const seconds = (performance.now() - began) / 1000;
  await dispatcher.close();
  return rounded((pages * 100) / seconds);
}

function figures(kind: Kind, { perSecond, simulatorAlone, memoryAtFifth, memoryAtEnd }: Measured): BenchFigure[] {
  const row = (name: string, unit: string, value: number, aim?: { text: string; reached: boolean }): BenchFigure => ({
    name: `${kind.name}: ${name}`,
    unit,
    median: value,
    runs: [value],
    ...(aim === undefined ? {} : { aim: aim.text, reached: aim.reached }),
  });
  const growth = rounded(memoryAtEnd / memoryAtFifth, 2);
  return [
    row('simulated vendor alone', 'records/s in pages', simulatorAlone),
    row('first reading', 'records/s', perSecond, { text: `≥ ${kind.aim}/s`, reached: perSecond >= kind.aim }),
    row('memory at a fifth', 'MiB', memoryAtFifth),
    row('memory at the end', 'MiB', memoryAtEnd),
    row('memory, end to a fifth', '×', growth, { text: '≤ 1.1 ×', reached: growth <= 1.1 }),
  ];
}
