import type { HookupValue } from '@relay/contracts';
import { topicsOf } from '@relay/contracts';
import { RelayKafka, type KafkaSettings } from '@relay/kafka';
import { fileScope, testDatabase, testKafka, until } from '@relay/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { keys, logLines, message, startGateway } from '../test-support/running-gateway.js';

const scope = fileScope();
const seen: { topic: string; value: HookupValue }[] = [];
let kafka: KafkaSettings;
let nowhere: KafkaSettings;

beforeAll(async () => {
  ({ settings: kafka } = await testKafka(scope));
  nowhere = { ...kafka, kafkaBrokers: ['127.0.0.1:1'] };
  const client = new RelayKafka({ service: 'gateway', settings: kafka, topics: topicsOf('gateway') });
  scope.onTestFinished(() => client.close());
  await client.topicsReady();
  const reader = client.tableReader({
    topics: ['hookup.v1', 'held-hookup.v1'],
    onBatch: ({ topic, messages }) => {
      for (const { value } of messages) seen.push({ topic, value: value as HookupValue });
    },
  });
  await reader.loaded;
});

async function database(): Promise<{ url: string; rows(): Promise<{ topic: string; value: string }[]> }> {
  const { url } = await testDatabase({ onTestFinished });
  return {
    url,
    async rows() {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query('select topic, value from gateway.spill order by spill_id')).rows as [];
      } finally {
        await client.end();
      }
    },
  };
}
const opened = async (running: Awaited<ReturnType<typeof startGateway>>) =>
  until('the spill is open', async () => {
    const { checks } = await running.health.ready();
    return checks['spill']?.status === 'up' && checks['spill'].detail === undefined;
  });
const arrived = (tenantId: string) => seen.filter(({ value }) => value.tenantId === tenantId);

describe('registrations while Kafka is away', () => {
  it('go to the spill, sealed, are answered 200, and reach Kafka in order once it is back', async () => {
    const spill = await database();
    const away = await startGateway({ onTestFinished }, nowhere, { DATABASE_URL: spill.url });
    await opened(away);
    // A character that jsonb would refuse, in a member that the vendor may add.
    const odd = { extra: 'a\u0000b\ud800' };
    const [first] = await Promise.all([
      away.hookup(message({ provet_id: 21, ...odd })),
      away.hookup(
        message({
          provet_id: 22,
          token_url: 'http://other.test:81/22/oauth2/token/',
          authorize_url: 'http://other.test:81/22/oauth2/authorize/',
        }),
      ),
    ]);
    const second = await away.hookup(message({ provet_id: 21, client_id: 'client-b' }));
    expect([first.status, second.status]).toEqual([200, 200]);
    const rows = await spill.rows();
    expect(rows.map(({ topic }) => topic).sort()).toEqual(['held-hookup.v1', 'hookup.v1', 'hookup.v1']);
    expect(JSON.stringify(rows)).not.toContain('planted');
    await away.stop();
    // Two at once: one of them empties the spill.
    for (let n = 0; n < 2; n++)
      await opened(await startGateway({ onTestFinished }, kafka, { DATABASE_URL: spill.url }));
    await until('the spill is empty', async () => (await spill.rows()).length === 0);
    const tenantId = ((await first.json()) as { tenantId: string }).tenantId;
    await until(
      'all are in the topics',
      () => arrived(tenantId).length === 2 && arrived('provet:other.test:81:22').length === 1,
    );
    expect(arrived(tenantId).map(({ value }) => value.registration.client_id)).toEqual(['client-9', 'client-b']);
    expect(arrived(tenantId)[0]?.value.registration).toMatchObject(odd);
    const sent = rows.map(({ value }) => JSON.parse(value) as HookupValue);
    expect(sent).toEqual(expect.arrayContaining(arrived(tenantId).map(({ value }) => value)));
    expect(arrived('provet:other.test:81:22')[0]?.topic).toBe('held-hookup.v1');
  }, 60_000);

  it('are refused with 503 within ten seconds when the database does not answer either', async () => {
    const away = await startGateway({ onTestFinished }, nowhere, {
      DATABASE_URL: 'postgres://u:planted-pw@127.0.0.1:1/x',
    });
    const started = Date.now();
    const answer = await away.hookup(message());
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});

describe('a gateway whose database is away', () => {
  it('starts, is ready and takes registrations', async () => {
    const running = await startGateway({ onTestFinished }, kafka, {
      DATABASE_URL: 'postgres://u:planted-pw@127.0.0.1:1/x',
    });
    await until('it is ready', async () => (await running.health.ready()).status === 'up');
    expect((await running.hookup(message({ provet_id: 31 }))).status).toBe(200);
    const { checks } = await running.health.ready();
    expect(checks['spill']).toMatchObject({ status: 'up', detail: expect.stringContaining('ECONNREFUSED') as string });
  });
});

it('keeps passwords and secrets out of the log', () => {
  const log = logLines.join('');
  expect(log).toContain('registration waits in the spill');
  for (const secret of ['planted', keys.HOOKUP_SECRET]) expect(log).not.toContain(secret);
});
