import { Pool } from 'undici';
import { partitionOf, webhookSigningKey, webhookUrl } from '#contracts';
import type { RelayKafka } from '#kafka';
import { ChangeLoad, atRate, summary, type Timed } from './change-load.ts';
import type { BenchTenant } from './seed-tenants.ts';
import { untilCount, type SyncWorld } from './sync-world.ts';

/** What this machine's Kafka alone needs from a send to a reader, at the same rate. */
export async function kafkaAlone(kafka: RelayKafka, perSecond: number, seconds: number): Promise<Timed> {
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  const run = `alone-${performance.now()}`;
  const reader = kafka.tableReader({
    topics: ['notice.v1'],
    from: 'end',
    onBatch: ({ messages }) => {
      for (const { key } of messages) {
        const at = sentAt.get(key);
        if (at !== undefined) latencies.push(performance.now() - at);
      }
    },
  });
  await reader.loaded;
  await atRate(perSecond, seconds, async (index) => {
    const key = `${run}-${index}`;
    sentAt.set(key, performance.now());
    const partition = partitionOf(key, kafka.partitions);
    await kafka.producer('control').send({ topic: 'notice.v1', partition, key, value: null });
  });
  await untilCount(() => latencies.length, perSecond * seconds, 'messages of Kafka alone');
  await reader.close();
  return summary(latencies);
}

/** Changes records in the simulator and announces each to the gateway; the time runs from the webhook to the event. */
export class NoticeLoad extends ChangeLoad<BenchTenant> {
  readonly #pools: readonly Pool[];

  constructor(world: SyncWorld, tenants: readonly BenchTenant[], records: number, webhookKeys: string) {
    const gatewayUrl = `http://127.0.0.1:${world.gateway?.port}`;
    const simulator = new Pool(world.simulator.url, { connections: 32 });
    const gateway = new Pool(gatewayUrl, { connections: 32 });
    const { host } = new URL(world.simulator.url);
    const key = webhookSigningKey(webhookKeys.split(',')[0] ?? '');
    super({
      kafka: world.kafka,
      vendor: 'provet',
      resource: 'client',
      member: 'firstname',
      tenants,
      records,
      keyOf: ({ tenantId }, id) => `${tenantId}/${id}`,
      change: async ({ provetId }, id, firstname) => {
        const path = `/_control/provet/tenants/${provetId}/records/client/${id}?notify=false`;
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify({ firstname });
        const answer = await simulator.request({ path, method: 'PATCH', headers, body });
        await answer.body.dump();
        if (answer.statusCode >= 300) throw new Error(`the simulator answered ${answer.statusCode} to a change`);
      },
      announce: async (tenant, id) => {
        const url = new URL(webhookUrl(gatewayUrl, { ...tenant, host }, 1, key));
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const path = url.pathname + url.search;
        const answer = await gateway.request({ path, method: 'POST', headers, body: `client_id=${id}` });
        await answer.body.dump();
        if (answer.statusCode !== 200) throw new Error(`a webhook was answered ${answer.statusCode}`);
      },
    });
    this.#pools = [simulator, gateway];
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()));
  }
}
