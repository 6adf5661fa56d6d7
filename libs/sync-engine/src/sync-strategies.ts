import type { INestApplication } from '@nestjs/common';
import { KafkaGroupServer, RelayKafka, type GroupTopic, type ReceivedBatch } from '@relay/kafka';
import { Health, Log, Metrics } from '@relay/service-kit';
import { readBackGroup } from '@relay/state-topic';
import type { BatchHandler } from './own-topics.js';
import { SyncEngine } from './sync-engine.js';

/**
 * The engine's two consumer groups: the sharded one over tenants, notices and requests, and the one that reads back what the service
 * publishes. Their topics follow from the connector, so handlers are added here instead of being declared by decorators.
 */
export function syncStrategies(app: Pick<INestApplication, 'get'>): KafkaGroupServer[] {
  const engine = app.get<SyncEngine>(SyncEngine);
  const { service } = engine;
  const shared = {
    kafka: app.get<RelayKafka>(RelayKafka),
    log: app.get<Log>(Log),
    health: app.get<Health>(Health),
    metrics: app.get<Metrics>(Metrics),
  };
  const sharded = groupServer(
    { ...shared, group: service, sharding: engine.book },
    {
      'tenant.v1': { kind: 'table', handle: (batch) => engine.onTenants(batch) },
      'withdrawal.v1': { kind: 'table', handle: (batch) => engine.onWithdrawals(batch) },
      'sync-request.v1': { kind: 'queue', handle: (batch) => engine.onRequests(batch) },
      ...(engine.consumesNotices
        ? { 'notice.v1': { kind: 'queue', handle: (batch: ReceivedBatch<unknown>) => engine.onNotices(batch) } }
        : {}),
    },
  );
  const readBack = Array.from(engine.topics.readBack, ([topic, handle]) => [topic, { kind: 'queue', handle }] as const);
  const goesOnAt = (topic: string) => engine.topics.goesOnAt(topic);
  return [
    sharded,
    groupServer({ ...shared, group: readBackGroup(service), goesOnAt, gathers: true }, Object.fromEntries(readBack)),
  ];
}

function groupServer(
  options: Omit<ConstructorParameters<typeof KafkaGroupServer>[0], 'topics'>,
  topics: Readonly<Record<string, GroupTopic & { handle: BatchHandler }>>,
): KafkaGroupServer {
  const server = new KafkaGroupServer({
    ...options,
    topics: Object.fromEntries(Object.entries(topics).map(([topic, { kind }]) => [topic, { kind }])),
  });
  for (const [topic, { handle }] of Object.entries(topics)) server.addHandler(topic, handle, true, { batch: true });
  return server;
}
