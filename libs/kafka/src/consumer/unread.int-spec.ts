import { testKafka } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { scratchTopic, startedKafka, testLog } from '../test-support/started-kafka.js';
import { unreadMessages } from './unread.js';
import { KafkaGroupServer } from '../transport/kafka-group-server.js';

describe('unread messages', () => {
  it('are the newest of each key behind what the group has committed, without tombstones', async (scope) => {
    const { settings } = await testKafka(scope);
    const topic = 't.v1';
    const kafka = await startedKafka(scope, settings, [scratchTopic(topic)]);
    const producer = kafka.producer('control');
    const send = (key: string, value: string | null) => producer.send({ topic, partition: 1, key, value });
    const unread = async () =>
      (await unreadMessages(kafka, 'readers', topic)).map(({ key, value }) => `${key}=${JSON.stringify(value)}`).sort();
    expect(await unread()).toEqual([]);
    await send('a', '1');
    await send('b', '1');
    await send('b', '2');
    await send('c', '1');
    await send('c', null);
    expect(await unread()).toEqual(['a=1', 'b=2']);
    const health = { register() {}, setFatal() {} };
    const server = new KafkaGroupServer({
      kafka,
      log: testLog,
      health,
      group: 'readers',
      topics: { [topic]: { kind: 'queue' } },
    });
    let seen = 0;
    const all = Promise.withResolvers<void>();
    server.addHandler(topic, () => Promise.resolve(void ((seen += 1) === 5 && all.resolve())), true);
    server.listen(() => {});
    await all.promise;
    await server.close();
    expect(await unread()).toEqual([]);
    await send('a', '2');
    expect(await unread()).toEqual(['a=2']);
  });
});
