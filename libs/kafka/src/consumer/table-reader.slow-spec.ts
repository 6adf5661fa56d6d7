import { testKafka, until } from '@relay/testing';
import { expect, it } from 'vitest';
import { scratchTopic, startedKafka } from '../test-support/started-kafka.js';

// The broker's cleaner looks every 15 s: too slow for the landing set, which has an aborted tail in its place.
it('reads a really compacted partition to its end', async (scope) => {
  const { settings } = await testKafka(scope);
  const topic = 'compacted.v1';
  const kafka = await startedKafka(scope, settings, [
    scratchTopic(topic, {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'delete.retention.ms': '0',
      'min.cleanable.dirty.ratio': '0.0',
      'max.compaction.lag.ms': '100',
    }),
  ]);
  const read = async () => {
    const offsets: number[] = [];
    const reader = kafka.tableReader({
      topics: [topic],
      onBatch: (batch) => void offsets.push(...batch.messages.map((message) => Number(message.offset))),
    });
    await reader.loaded;
    await reader.close();
    return offsets.join();
  };
  const producer = kafka.producer('control');
  let lastSent = 0;
  for (const [key, value] of [
    ['kept', '1'],
    ['a', '1'],
    ['a', '2'],
    ['a', null],
    ['last', '1'],
  ] as const) {
    // A segment is closed by the first message that comes 100 ms after its first one.
    await until('the segment is old enough', () => Date.now() - lastSent > 150);
    await producer.send({ topic, partition: 0, key, value });
    lastSent = Date.now();
  }
  expect(await read()).toBe('0,1,2,3,4');
  // The tombstone itself stays until the cleaner has a reason to come a second time.
  await until('the cleaner has taken the old values', async () => (await read()) === '0,3,4', {
    timeoutMs: 120_000,
    everyMs: 2_000,
  });
});
