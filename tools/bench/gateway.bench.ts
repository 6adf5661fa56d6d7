import autocannon, { type LoadRequest } from 'autocannon';
import { provetTenantId, webhookSigningKey, webhookUrl } from '#contracts';
import type { Bench } from './bench.ts';
import { cpuMs, startHelper, startService } from './processes.ts';
import type { BenchFigure } from './report.ts';
import { median, rounded } from './statistics.ts';

const CONNECTIONS = 50;
const SECONDS = 12;
const PAIRS = 3;
const TENANTS = 200;

function webhooks(webhookKeys: string): LoadRequest[] {
  const key = webhookSigningKey(webhookKeys.split(',')[0] ?? '');
  return Array.from({ length: TENANTS }, (_, index) => {
    const provetId = 1000 + index;
    const host = 'provetcloud.com';
    const target = { host, provetId, tenantId: provetTenantId(host, provetId) };
    return {
      method: 'POST',
      path: new URL(webhookUrl('http://relay.test', target, 3, key)).pathname,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `consultation_id=${100_000 + index}`,
    };
  });
}

async function load(port: number, requests: readonly LoadRequest[], seconds: number, overallRate?: number) {
  const options = { url: `http://127.0.0.1:${port}`, connections: CONNECTIONS, duration: seconds, requests };
  const result = await autocannon(overallRate === undefined ? options : { ...options, overallRate });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} requests were not answered 200 and ${result.errors} failed`);
  }
  return { perSecond: result['2xx'] / result.duration, p99: result.latency.p99, answered: result['2xx'] };
}

async function bareFastify(requests: readonly LoadRequest[]): Promise<number> {
  const helper = startHelper('bare-fastify', []);
  try {
    const { port } = await helper.next();
    await load(Number(port), requests, 2);
    return (await load(Number(port), requests, SECONDS)).perSecond;
  } finally {
    await helper.stop();
  }
}

async function groupedProduce(env: NodeJS.ProcessEnv): Promise<number> {
  const helper = startHelper('grouped-produce', [String(CONNECTIONS), String(SECONDS)], env);
  try {
    const { sent, seconds } = await helper.next();
    return Number(sent) / Number(seconds);
  } finally {
    await helper.stop();
  }
}

/** Webhooks acknowledged a second by one gateway process, beside what HTTP alone and Kafka alone reach here. */
export const gatewayBench: Bench = {
  name: 'gateway',
  async run({ env, folder, say }) {
    const requests = webhooks(env['WEBHOOK_KEYS'] ?? '');
    const gateway = await startService(folder, 'gateway', env);
    const pid = gateway.child.identity.pid;
    const fastify: number[] = [];
    const produce: number[] = [];
    const rate: number[] = [];
    const cpuMicros: number[] = [];
    const p99: number[] = [];
    try {
      await load(gateway.port, requests, 3);
      for (let pair = 1; pair <= PAIRS; pair++) {
        fastify.push(rounded(await bareFastify(requests)));
        produce.push(rounded(await groupedProduce(env)));
        const before = cpuMs(pid);
        const full = await load(gateway.port, requests, SECONDS);
        cpuMicros.push(rounded(((cpuMs(pid) - before) * 1000) / full.answered, 1));
        rate.push(rounded(full.perSecond));
        p99.push((await load(gateway.port, requests, SECONDS, Math.floor(full.perSecond * 0.8))).p99);
        say(
          `pair ${pair}: Fastify ${fastify.at(-1)}/s, produce ${produce.at(-1)}/s, gateway ${rate.at(-1)}/s, p99 ${p99.at(-1)} ms`,
        );
      }
    } finally {
      await gateway.child.stop(10_000);
    }
    return { what: describe(), figures: figures(fastify, produce, rate, cpuMicros, p99), notes: [] };
  },
};

function describe(): string {
  return (
    `Webhooks answered 200 by one gateway process (key checked, notice acknowledged by Kafka with acks=all), ${CONNECTIONS} connections, ` +
    `beside bare Fastify on the same requests (F) and beside ${CONNECTIONS} callers that produce the same notices without HTTP (P). ` +
    'Load, broker and service share the machine. ' +
    `${PAIRS} alternating pairs of ${SECONDS} s; p99 at 80 % of the rate just reached.`
  );
}

function figures(fastify: number[], produce: number[], rate: number[], cpu: number[], p99: number[]): BenchFigure[] {
  const bound = fastify.map((f, index) => 1 / (1 / f + 1 / (produce[index] ?? Number.NaN)));
  const share = rate.map((r, index) => rounded(r / (bound[index] ?? Number.NaN), 2));
  return [
    { name: 'bare Fastify (F)', unit: 'requests/s', median: median(fastify), runs: fastify },
    { name: 'grouped produce, acks=all (P)', unit: 'messages/s', median: median(produce), runs: produce },
    { name: 'gateway', unit: 'acknowledgements/s', median: median(rate), runs: rate },
    {
      name: 'gateway ÷ 1/(1/F + 1/P)',
      unit: '',
      median: median(share),
      runs: share,
      aim: '≥ 0.7',
      reached: median(share) >= 0.7,
    },
    {
      name: 'p99 at 80 % of the rate',
      unit: 'ms',
      median: median(p99),
      runs: p99,
      aim: '< 50 ms',
      reached: median(p99) < 50,
    },
    { name: "gateway's CPU time", unit: 'µs/request', median: median(cpu), runs: cpu },
  ];
}
