import { topicsOf } from '@relay/contracts';
import { testKafka, until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import type { KafkaHealthCheck } from '../ports.js';
import { RelayKafka } from '../relay-kafka.js';
import type { KafkaSettings } from '../settings.js';
import { scratchTopic, startedKafka } from '../test-support/started-kafka.js';

function withHealth(settings: KafkaSettings, topics: ConstructorParameters<typeof RelayKafka>[0]['topics']) {
  const checks = new Map<string, () => Promise<KafkaHealthCheck> | KafkaHealthCheck>();
  const kafka = new RelayKafka({
    service: 'gateway',
    settings,
    topics,
    health: { register: (name, check) => void checks.set(name, check), setFatal() {} },
  });
  return { kafka, check: async (name: string) => checks.get(name)?.() };
}

describe('topic set-up', () => {
  it('lets several services create the same topics at once, and use them at once', async (scope) => {
    const { settings } = await testKafka(scope);
    const specs = topicsOf('provet-sync', ['client', 'patient']);
    const clients = await Promise.all([1, 2, 3].map(() => startedKafka(scope, settings, specs)));
    const ends = await Promise.all(clients.map((kafka) => kafka.endOffsets('provet.client.v1')));
    expect(ends.map((end) => end.size)).toEqual([4, 4, 4]);
  });

  it('names drift and stays unready, and is ready once the drift is gone', async (scope) => {
    const { settings } = await testKafka(scope);
    await startedKafka(scope, settings, [scratchTopic('a.v1')]);
    const { kafka, check } = withHealth(settings, [scratchTopic('a.v1', { 'cleanup.policy': 'compact' })]);
    scope.onTestFinished(() => kafka.close());
    void kafka.topicsReady();
    const down = await until('the drift is reported', async () => {
      const result = await check('topics');
      return result?.detail?.includes('a.v1') && result;
    });
    expect(down).toEqual({
      status: 'down',
      detail: 'topics differ from the contract: a.v1 has cleanup.policy=delete instead of compact',
    });

    const other = withHealth({ ...settings, topicPartitions: 3 }, [scratchTopic('a.v1')]);
    scope.onTestFinished(() => other.kafka.close());
    void other.kafka.topicsReady();
    await until('the partition count is reported', async () =>
      (await other.check('topics'))?.detail?.includes('4 partitions instead of 3'),
    );
  });

  it('only verifies with TOPIC_CREATE=false, and goes on when somebody else creates them', async (scope) => {
    const { settings } = await testKafka(scope);
    const { kafka, check } = withHealth({ ...settings, topicCreate: false }, [scratchTopic('b.v1')]);
    scope.onTestFinished(() => kafka.close());
    const ready = kafka.topicsReady();
    await until('the missing topic is named', async () => (await check('topics'))?.detail?.includes('b.v1'));
    await startedKafka(scope, settings, [scratchTopic('b.v1')]);
    await ready;
    expect(await check('topics')).toEqual({ status: 'up' });
    expect(await check('kafka')).toEqual({ status: 'up' });
  });

  it('says that Kafka is away without ending', async (scope) => {
    const { settings } = await testKafka(scope);
    const { kafka, check } = withHealth({ ...settings, kafkaBrokers: ['127.0.0.1:9'] }, [scratchTopic('c.v1')]);
    scope.onTestFinished(() => kafka.close());
    void kafka.topicsReady();
    await until('the reason is known', async () => (await check('topics'))?.detail?.includes('Connection'));
    expect((await check('topics'))?.status).toBe('down');
    expect((await check('kafka'))?.status).toBe('down');
  });
});
