import { controlTopicSpec, partitionOf, tenantValue, type TenantValue } from '@relay/contracts';
import { Database, openDatabase } from '@relay/database';
import { KafkaGroupServer, RelayKafka, type KafkaLog, type Outgoing, type ReceivedBatch } from '@relay/kafka';
import { Health, Log } from '@relay/service-kit';
import { fileScope, provetTenant, testDatabase, testKafka, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBackGroup, readBackHandler } from './read-back.js';
import type { StateMessage } from './state-store.js';
import { StateTopic } from './state-topic.js';
import { VersionedTable, nextVersion } from './versioned-table.js';

const scope = fileScope();
const log: KafkaLog = { debug() {}, info() {}, warn() {}, error() {} };
const TOPIC = 'tenant.v1';
const GROUP = readBackGroup('tenant-registry');

describe('VersionedTable and StateTopic on Kafka and Postgres', () => {
  let kafka: RelayKafka;
  let database: Database;
  let table: VersionedTable;
  const newest = new Map<string, TenantValue | null>();

  beforeAll(async () => {
    const { settings } = await testKafka(scope);
    kafka = new RelayKafka({ service: 'tenant-registry', settings, topics: [controlTopicSpec(TOPIC)] });
    scope.onTestFinished(() => kafka.close());
    await kafka.topicsReady();
    const { url } = await testDatabase(scope, 'tenant-registry');
    const source = await openDatabase({
      log: log as Log,
      health: new Health(),
      service: 'tenant-registry',
      url,
      poolSize: 4,
      migrations: [VersionedTable.migration('published_tenant')],
    });
    scope.onTestFinished(() => source.destroy());
    database = new Database(source);
    table = new VersionedTable({ database, table: 'published_tenant', topic: TOPIC, partitions: kafka.partitions });
    const reader = kafka.tableReader({
      topics: [TOPIC],
      onBatch: (batch) => {
        for (const { key, value } of batch.messages) newest.set(key, value as TenantValue | null);
      },
    });
    await reader.loaded;
  });

  function replica(send?: (message: Outgoing) => Promise<never>): StateTopic {
    const state = new StateTopic({
      producer: send ? { send } : kafka.producer('record'),
      store: table,
      log,
      name: TOPIC,
      readBackPositions: (topic) => kafka.committedOffsets(GROUP, topic),
      pace: { lookMs: 100, scanMs: 500, retryMinMs: 20, retryMaxMs: 200 },
    });
    scope.onTestFinished(() => state.close());
    return state;
  }

  function readBack(state: StateTopic): KafkaGroupServer {
    const server = new KafkaGroupServer({ kafka, group: GROUP, topics: { [TOPIC]: { kind: 'queue' } }, log });
    const handler = readBackHandler(state);
    server.addHandler(TOPIC, (batch: ReceivedBatch<unknown>) => handler(batch), true, { batch: true });
    server.listen(() => {});
    scope.onTestFinished(() => server.close());
    return server;
  }

  const commit = (tenantId: string, version: number, displayName: string, expected?: number | null) =>
    database.transaction((tx) =>
      table.put(tx, {
        rowKey: tenantId,
        partitionKey: tenantId,
        version,
        value: { ...provetTenant({ tenantId }), displayName, version },
        ...(expected === undefined ? {} : { expected }),
      }),
    );

  it('compares and sets', async () => {
    expect(await commit('provet:cas:1', 5, 'first', null)).toMatchObject({ version: 5 });
    expect(await commit('provet:cas:1', 6, 'again', null)).toBeNull();
    expect(await commit('provet:cas:1', 6, 'wrong', 4)).toBeNull();
    expect(await commit('provet:cas:1', 6, 'right', 5)).toMatchObject({ version: 6 });
    expect(await commit('provet:cas:1', 6, 'not newer')).toBeNull();
    expect(await table.get('provet:cas:1')).toMatchObject({ version: 6, value: { displayName: 'right' } });
    expect(nextVersion(null, 100)).toBe(100);
    expect(nextVersion(100, 50)).toBe(101);
  });

  it('publishes, reads back, sends what crashed before sending, and answers a zombie with the newest state', async () => {
    const state = replica();
    readBack(state);
    const tenants = Array.from({ length: 20 }, (_, index) => `provet:clinic-${index}:7`);
    const sent = await Promise.all(tenants.map((tenantId) => commit(tenantId, 1, 'one')));
    // Half of them are committed by a process that dies before it sends.
    await state.publish(sent.slice(0, 10) as StateMessage[]);
    await until('all are in the log and seen there', async () => (await table.unconfirmed({}, 100)).length === 0);
    expect(state.unconfirmed).toBe(0);
    for (const tenantId of tenants) {
      expect(tenantValue.parse(newest.get(tenantId))).toMatchObject({ tenantId, version: 1, displayName: 'one' });
    }

    const [zombie] = sent as [StateMessage];
    const next = await commit(zombie.rowKey, 2, 'two');
    await state.publish([next as StateMessage]);
    await until('the second version is seen', async () => (await table.unconfirmed({}, 100)).length === 0);
    const late = await kafka.producer('control').send(zombie.message);
    await until('the newest follows the late message', async () => {
      const [row] = await database.query<{ seen_offset: string; seen_version: string }>(
        'select seen_offset, seen_version from published_tenant where row_key = $1',
        [zombie.rowKey],
      );
      return row !== undefined && BigInt(row.seen_offset) > late.offset && row.seen_version === '2';
    });
    expect(late.partition).toBe(partitionOf(zombie.rowKey, kafka.partitions));
    await until('readers end with it', () => newest.get(zombie.rowKey)?.version === 2);

    const gone = await database.transaction((tx) =>
      table.put(tx, { rowKey: zombie.rowKey, partitionKey: zombie.rowKey, version: 3, value: null }),
    );
    await state.publish([gone as StateMessage]);
    await until(
      'the tombstone is confirmed by its header',
      async () => (await table.unconfirmed({}, 100)).length === 0,
    );
    expect(newest.get(zombie.rowKey)).toBeNull();

    // The database comes back from a backup: the log is ahead of the row.
    const restored = tenants[5] as string;
    const ahead = { ...provetTenant({ tenantId: restored }), displayName: 'newer than the backup', version: 9 };
    const { partition } = zombie.message;
    await kafka.producer('control').send({
      ...zombie.message,
      key: restored,
      partition: partitionOf(restored, kafka.partitions),
      value: JSON.stringify(ahead),
      headers: {},
    });
    expect(partition).toBeDefined();
    await until('the row is published above it', () => (newest.get(restored)?.version ?? 0) > 9);
    expect(newest.get(restored)).toMatchObject({ displayName: 'one', version: (await table.get(restored))?.version });
  });
});
