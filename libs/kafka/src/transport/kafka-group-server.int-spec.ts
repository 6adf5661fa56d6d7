import { DEAD_LETTER_SPEC, DEAD_LETTER_TOPIC } from '@relay/contracts';
import { fileScope, testKafka, until, type TestScope } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { RetryLater } from '../errors.js';
import type { Received, ReceivedBatch } from '../messages.js';
import type { RelayKafka } from '../relay-kafka.js';
import { scratchTopic, startedKafka, testLog } from '../test-support/started-kafka.js';
import { KafkaGroupServer } from './kafka-group-server.js';

const scope = fileScope();
const pace = { permanentTries: 5, backoffMinMs: 10, backoffMaxMs: 200 };
const topics = ['q.v1', 'batch.v1', 'slow.v1', 'stuck.v1', 'shared.v1', 'restart.v1', 'books.v1'];

describe('KafkaGroupServer', () => {
  let kafka: RelayKafka;
  const deadLetters: Received<unknown>[] = [];

  beforeAll(async () => {
    const { settings } = await testKafka(scope);
    const specs = [...topics, 'notice.v1', 'hookup.v1'].map((name) => scratchTopic(name));
    kafka = await startedKafka(scope, settings, [...specs, DEAD_LETTER_SPEC]);
    const reader = kafka.tableReader({
      topics: [DEAD_LETTER_TOPIC],
      onBatch: (batch) => void deadLetters.push(...batch.messages),
    });
    await reader.loaded;
  });

  const deadLetterOf = (topic: string) =>
    until(`a dead letter of ${topic}`, () => deadLetters.find((letter) => letter.headers['dlq-topic'] === topic));

  function serve(
    test: TestScope,
    group: string,
    topic: string,
    handler: ((message: Received<unknown>) => Promise<void>) | ((batch: ReceivedBatch<unknown>) => Promise<void>),
    over: { batch?: boolean } & Partial<
      Pick<ConstructorParameters<typeof KafkaGroupServer>[0], 'stuckAfterMs' | 'drainMs' | 'goesOnAt'>
    > = {},
  ): KafkaGroupServer {
    const { batch = false, ...options } = over;
    const server = new KafkaGroupServer({
      kafka,
      group,
      topics: { [topic]: { kind: 'queue' } },
      log: testLog,
      pace,
      ...options,
    });
    server.addHandler(topic, handler, true, { batch });
    server.listen(() => {});
    test.onTestFinished(() => server.close());
    return server;
  }

  const send = (topic: string, key: string, value: string, partition = 0) =>
    kafka.producer('control').send({ topic, key, value, partition });

  it('hands over in order, tries again in order, commits, and puts poison aside with its bytes', async (test) => {
    for (const key of ['one', 'later', 'poison', 'two']) await send('q.v1', key, key);
    const seen: string[] = [];
    let away = 2;
    const handler = async (message: Received<unknown>) => {
      seen.push(message.key);
      if (message.key === 'later' && away-- > 0) throw new RetryLater('the database is away', 20);
      if (message.key === 'poison') throw new TypeError('cannot');
    };
    const server = serve(test, 'order', 'q.v1', handler);
    await until('the last one is handled', () => seen.at(-1) === 'two');
    expect(seen).toEqual(['one', 'later', 'later', 'later', ...Array.from({ length: 5 }, () => 'poison'), 'two']);
    const letter = await deadLetterOf('q.v1');
    expect(letter.rawValue?.toString()).toBe('poison');
    expect(letter.headers).toMatchObject({
      'dlq-partition': '0',
      'dlq-offset': '2',
      'dlq-cause': 'handler TypeError',
      'dlq-attempts': '5',
    });
    await server.close();
    expect((await kafka.committedOffsets('order', 'q.v1')).get(0)).toBe(4n);
    const again: string[] = [];
    serve(test, 'order', 'q.v1', async (message: Received<unknown>) => void again.push(message.key));
    await send('q.v1', 'three', 'three');
    await until('only what is new comes', () => again.length > 0);
    expect(again).toEqual(['three']);
  });

  it('goes on where the books of the service say, ahead of the group or behind it, once they can be read', async (test) => {
    for (const key of ['a', 'b', 'c']) await send('books.v1', key, '1');
    const read = async (place: bigint, upTo: string): Promise<string[]> => {
      const seen: string[] = [];
      let away = 2;
      const goesOnAt = async (topic: string) => {
        if (away-- > 0) throw new Error('the database is away');
        return topic === 'books.v1' ? new Map([[0, place]]) : null;
      };
      const handler = async (message: Received<unknown>) => void seen.push(message.key);
      const server = serve(test, 'books', 'books.v1', handler, { goesOnAt });
      await until(`${upTo} is handled`, () => seen.at(-1) === upTo);
      await server.close();
      return seen;
    };
    expect(await read(1n, 'c')).toEqual(['b', 'c']);
    expect((await kafka.committedOffsets('books', 'books.v1')).get(0)).toBe(3n);
    expect(await read(0n, 'c')).toEqual(['a', 'b', 'c']);
    // Books of a topic that was there before this one.
    await send('books.v1', 'd', '1');
    const ahead = read(99n, 'e');
    await until('it is placed at the end', async () => {
      await send('books.v1', 'e', '1');
      return Promise.race([ahead.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, 200, false))]);
    });
    expect(new Set(await ahead)).toEqual(new Set(['e']));
  });

  it('isolates the poison of a batch', async (test) => {
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await kafka.producer('control').sendMany(keys.map((key) => ({ topic: 'batch.v1', key, value: '1', partition: 1 })));
    const done: string[] = [];
    const handler = async (batch: ReceivedBatch<unknown>) => {
      if (batch.messages.some((message) => message.key === 'k7')) throw new Error('poison');
      done.push(...batch.messages.map((message) => message.key));
    };
    serve(test, 'batches', 'batch.v1', handler, { batch: true });
    await until('all others are done', () => done.length === 19);
    expect(done).toEqual(keys.filter((key) => key !== 'k7'));
    expect((await deadLetterOf('batch.v1')).key).toBe('k7');
  });

  it('puts aside at once what is no JSON or breaks the schema, and of secrets only a reference', async (test) => {
    await send('notice.v1', 'n', '{"noticeId":');
    await send('hookup.v1', 'h', '{"registration":{"client_secret":"sealed-secret"}}', 2);
    let handled = 0;
    serve(test, 'invalid', 'notice.v1', async () => void handled++);
    serve(test, 'invalid.secret', 'hookup.v1', async () => void handled++);
    expect((await deadLetterOf('notice.v1')).headers).toMatchObject({
      'dlq-cause': 'invalid-json',
      'dlq-attempts': '1',
    });
    const letter = await deadLetterOf('hookup.v1');
    expect(letter.rawValue?.toString()).toBe(
      JSON.stringify({ topic: 'hookup.v1', partition: 2, offset: '0', key: 'h' }),
    );
    expect(letter.headers['dlq-cause']).toContain('invalid-value');
    expect(JSON.stringify(letter.headers)).not.toContain('sealed-secret');
    expect(handled).toBe(0);
  });

  it('lets a handler that waits longer than the session hold up neither other partitions nor the membership', async (test) => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: string[] = [];
    const handler = async (message: Received<unknown>) => {
      seen.push(`${message.key} begins`);
      if (message.key === 'slow') await gate;
      seen.push(`${message.key} ends`);
    };
    const server = serve(test, 'slow', 'slow.v1', handler);
    await send('slow.v1', 'slow', '1', 0);
    await send('slow.v1', 'after', '1', 0);
    await until('the slow one has begun', () => seen.includes('slow begins'));
    const started = Date.now();
    for (let turn = 0; Date.now() - started < 7_500; turn++) {
      await send('slow.v1', `quick-${turn}`, '1', 1);
      await until('the other partition goes on', () => seen.includes(`quick-${turn} ends`), { timeoutMs: 3_000 });
    }
    expect(seen).not.toContain('after begins');
    release();
    await until('the next one follows', () => seen.includes('after ends'));
    expect(seen.filter((line) => line === 'slow begins')).toHaveLength(1);
    expect(server.check()).toEqual({ status: 'up' });
  });

  it('shares partitions between members, each message handled', async (test) => {
    const seen = [new Set<string>(), new Set<string>()] as const;
    const [first] = [0, 1].map((index) =>
      serve(test, 'shared', 'shared.v1', async (m: Received<unknown>) => void seen[index as 0 | 1].add(m.key)),
    );
    let sent = 0;
    await until('both get messages', async () => {
      for (let p = 0; p < 4; p++) await send('shared.v1', `m${sent++}`, '1', p);
      return seen[0].size > 0 && seen[1].size > 0;
    });
    await first?.close();
    await until('the one that is left gets all', async () => {
      const before = seen[0].size;
      for (let p = 0; p < 4; p++) await send('shared.v1', `m${sent++}`, '1', p);
      return seen[0].size === before && new Set([...seen[0], ...seen[1]]).size === sent;
    });
    expect(seen[0].size).toBeLessThan(sent);
  });

  it('reports messages that wait without progress, but not a declared back-off', async (test) => {
    await send('stuck.v1', 'm', '1');
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hanging = serve(test, 'stuck', 'stuck.v1', () => gate, { stuckAfterMs: 1_500, drainMs: 100 });
    const waiting = serve(
      test,
      'waiting',
      'stuck.v1',
      async () => {
        throw new RetryLater('away', 20_000);
      },
      { stuckAfterMs: 1_500 },
    );
    await until('the hanging group is down', () => hanging.check().detail?.startsWith('no progress'));
    expect(waiting.check()).toEqual({ status: 'up' });
    release();
    await until('it is up again', () => hanging.check().status === 'up');
  });

  it('refuses a group without handlers or tables without shards', () => {
    const options = { kafka, group: 'wrong', log: testLog };
    const server = new KafkaGroupServer({ ...options, topics: { 'q.v1': { kind: 'queue' } } });
    expect(() => server.listen(() => {})).toThrow('nobody handles q.v1');
    expect(() => new KafkaGroupServer({ ...options, topics: { 'q.v1': { kind: 'table' } } })).toThrow('sharded group');
  });
});
