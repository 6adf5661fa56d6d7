import { testKafka, until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { abortedTail } from '../test-support/aborted-tail.js';
import { TcpGate } from '../test-support/tcp-gate.js';
import { scratchTopic, startedKafka } from '../test-support/started-kafka.js';

describe('TableReader', () => {
  it('loads all partitions, also empty ones, and follows', async (scope) => {
    const { settings } = await testKafka(scope);
    const kafka = await startedKafka(scope, settings, [scratchTopic('t.v1'), scratchTopic('empty.v1')]);
    const producer = kafka.producer('control');
    await producer.sendMany(['a', 'b', 'c', 'd', 'e'].map((key) => ({ topic: 't.v1', key, value: `"${key}"` })));
    const table = new Map<string, unknown>();
    const reader = kafka.tableReader({
      topics: ['t.v1', 'empty.v1'],
      onBatch: (batch) => {
        for (const message of batch.messages) table.set(message.key, message.value);
      },
    });
    await reader.loaded;
    expect(reader.isLoaded).toBe(true);
    expect(Object.fromEntries(table)).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' });
    await producer.send({ topic: 't.v1', key: 'a', value: null });
    await until('the tombstone has arrived', () => table.get('a') === null);
    await reader.close();
  });

  it('is loaded although nothing can be read at the end of the log', async (scope) => {
    const { settings } = await testKafka(scope);
    const topic = 'aborted.v1';
    const kafka = await startedKafka(scope, settings, [scratchTopic(topic)]);
    await kafka.producer('control').send({ topic, partition: 0, key: 'kept', value: '1' });
    await abortedTail(kafka, settings, topic);
    const keys: string[] = [];
    const reader = kafka.tableReader({
      topics: [topic],
      onBatch: (batch) => void keys.push(...batch.messages.map((message) => message.key)),
    });
    await reader.loaded;
    await reader.close();
    expect(keys).toEqual(['kept']);
    expect((await kafka.endOffsets(topic)).get(0)).toBe(3n);
  });

  it('hands a batch over again when the reader throws, and skips what no schema allows', async (scope) => {
    const { settings } = await testKafka(scope);
    const kafka = await startedKafka(scope, settings, [scratchTopic('notice.v1')]);
    const notice = {
      noticeId: 'n1',
      tenantId: 'provet:a:1',
      trigger: 1,
      resource: null,
      recordId: '7',
      receivedAt: new Date().toISOString(),
    };
    const producer = kafka.producer('control');
    await producer.send({ topic: 'notice.v1', key: 'k', partition: 0, value: 'no json' });
    await producer.send({ topic: 'notice.v1', key: 'k', partition: 0, value: '{"noticeId":1}' });
    await producer.send({ topic: 'notice.v1', key: 'k', partition: 0, value: JSON.stringify(notice) });
    const seen: unknown[] = [];
    let failures = 2;
    const reader = kafka.tableReader({
      topics: ['notice.v1'],
      onBatch: (batch) => {
        if (failures-- > 0) throw new Error('not now');
        seen.push(...batch.messages.map((message) => message.value));
      },
    });
    await reader.loaded;
    await reader.close();
    expect(seen).toEqual([notice]);
  });

  it('survives broken connections without reading anything twice', async (scope) => {
    const { settings } = await testKafka(scope);
    const gate = await TcpGate.before(settings.kafkaBrokers[0] as string);
    scope.onTestFinished(() => gate.close());
    const kafka = await startedKafka(scope, settings, [scratchTopic('broken.v1')]);
    const behindGate = await startedKafka(scope, settings, [], {}, gate.socketFactory);
    await kafka.producer('control').send({ topic: 'broken.v1', key: 'before', value: '1' });
    const keys: string[] = [];
    const reader = behindGate.tableReader({
      topics: ['broken.v1'],
      onBatch: (batch) => void keys.push(...batch.messages.map((message) => message.key)),
    });
    await reader.loaded;
    gate.cut();
    await kafka.producer('control').send({ topic: 'broken.v1', key: 'after', value: '1' });
    await until('the reader has come back', () => keys.includes('after'), { timeoutMs: 30_000 });
    expect(keys).toEqual(['before', 'after']);
    await reader.close();
  });

  it('reads from the end on request', async (scope) => {
    const { settings } = await testKafka(scope);
    const kafka = await startedKafka(scope, settings, [scratchTopic('tail.v1')]);
    const producer = kafka.producer('control');
    await producer.send({ topic: 'tail.v1', key: 'old', value: '1' });
    const keys: string[] = [];
    const reader = kafka.tableReader({
      topics: ['tail.v1'],
      from: 'end',
      onBatch: (batch) => void keys.push(...batch.messages.map((message) => message.key)),
    });
    await reader.loaded;
    await until('a new message arrives', async () => {
      await producer.send({ topic: 'tail.v1', key: 'new', value: '1' });
      return keys.includes('new');
    });
    expect(keys).not.toContain('old');
    await reader.close();
  });
});
