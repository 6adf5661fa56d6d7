import { partitionOf } from '@relay/contracts';
import { fileScope, testKafka, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { RelayKafka } from '../relay-kafka.js';
import { TcpGate } from '../test-support/tcp-gate.js';
import { scratchTopic, startedKafka } from '../test-support/started-kafka.js';

const scope = fileScope();
const TOPIC = 'scratch.v1';

describe('GroupingProducer on a real broker', () => {
  let kafka: RelayKafka;
  let sizes: number[];

  beforeAll(async () => {
    const { settings } = await testKafka(scope);
    sizes = [];
    kafka = await startedKafka(scope, settings, [scratchTopic(TOPIC), scratchTopic('other.v1')], {
      produced: (messages) => sizes.push(messages),
    });
  });

  it('groups what waits while a request is in flight and names the real position of each message', async () => {
    const producer = kafka.producer('control');
    const keys = Array.from({ length: 400 }, (_, index) => `key-${index}`);
    const positions = await producer.sendMany(keys.map((key) => ({ topic: TOPIC, key, value: key })));
    expect(positions.map((position) => position.partition)).toEqual(
      keys.map((key) => partitionOf(key, kafka.partitions)),
    );
    const read: [number, bigint, string][] = [];
    const reader = kafka.tableReader({
      topics: [TOPIC],
      onBatch: (batch) => {
        for (const m of batch.messages) read.push([m.partition, m.offset, m.key]);
      },
    });
    await reader.loaded;
    await reader.close();
    const expected = positions.map(({ partition, offset }, index) => [partition, offset, keys[index]]);
    expect(new Set(read.map(String))).toEqual(new Set(expected.map(String)));
    expect(sizes.length).toBeLessThan(20);
  });

  it('carries several topics in one request', async () => {
    sizes.length = 0;
    const producer = kafka.producer('control');
    await producer.sendMany([
      { topic: TOPIC, key: 'a', value: '1' },
      { topic: 'other.v1', key: 'b', value: '2' },
    ]);
    expect(sizes).toEqual([2]);
  });

  it('rejects without a topic, and goes on for others', async () => {
    const producer = kafka.producer('record');
    await expect(producer.send({ topic: 'missing.v1', key: 'a', value: '1' })).rejects.toMatchObject({
      code: 'kafka-send',
      outcome: 'not-sent',
    });
    await expect(producer.send({ topic: TOPIC, key: 'a', value: '1' })).resolves.toMatchObject({ topic: TOPIC });
  });

  it('refuses one message that is too large and sends its neighbours', async () => {
    const producer = kafka.producer('record');
    const large = producer.send({ topic: TOPIC, key: 'large', value: 'x'.repeat(1_200_000) });
    const small = producer.send({ topic: TOPIC, key: 'small', value: 'x' });
    await expect(large).rejects.toMatchObject({ outcome: 'not-sent', retryable: false });
    await expect(small).resolves.toMatchObject({ topic: TOPIC });
  });

  it('rejects at the deadline while no broker answers', async () => {
    const lonely = new RelayKafka({
      service: 'gateway',
      topics: [],
      settings: { ...(await testKafka(scope)).settings, kafkaBrokers: ['127.0.0.1:9'] },
    });
    scope.onTestFinished(() => lonely.close());
    const started = Date.now();
    await expect(
      lonely.producer('control').send({ topic: TOPIC, key: 'a', value: '1' }, { deadlineMs: 400 }),
    ).rejects.toMatchObject({ code: 'kafka-send', outcome: 'unknown' });
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  it('is free again within seconds after a frozen broker wakes', async (test) => {
    const { settings } = await testKafka(scope);
    const gate = await TcpGate.before(settings.kafkaBrokers[0] as string);
    test.onTestFinished(() => gate.close());
    await startedKafka(test, settings, [scratchTopic(TOPIC)]);
    const behindGate = await startedKafka(test, settings, [], {}, gate.socketFactory);
    const producer = behindGate.producer('record');
    await producer.send({ topic: TOPIC, key: 'a', value: '1' });
    gate.freeze();
    const unanswered = producer.send({ topic: TOPIC, key: 'a', value: '2' }, { deadlineMs: 300 });
    await expect(unanswered).rejects.toMatchObject({ outcome: 'unknown' });
    // The key stays occupied as long as the request is in flight, whatever its caller was told.
    const next = producer.send({ topic: TOPIC, key: 'a', value: '3' });
    gate.thaw();
    const started = Date.now();
    await expect(next).resolves.toMatchObject({ offset: 2n });
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  it('keeps no timer busy while idle', async () => {
    const before = process.cpuUsage();
    const started = performance.now();
    await until('a second of idling', () => performance.now() - started > 1_000);
    const { user, system } = process.cpuUsage(before);
    // The unpatched client wakes a thousand times a second and connection.
    expect((user + system) / 1000).toBeLessThan(150);
  });
});
