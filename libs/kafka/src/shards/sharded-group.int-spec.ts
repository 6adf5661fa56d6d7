import { fileScope, testKafka, until, type TestScope } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedBatch } from '../messages.js';
import type { RelayKafka } from '../relay-kafka.js';
import type { KafkaSettings } from '../settings.js';
import { abortedTail } from '../test-support/aborted-tail.js';
import { EpochBook } from '../test-support/epoch-book.js';
import { scratchTopic, startedKafka, testLog } from '../test-support/started-kafka.js';
import { TcpGate } from '../test-support/tcp-gate.js';
import { KafkaGroupServer } from '../transport/kafka-group-server.js';

const scope = fileScope();
const TABLE = 'table.v1';
const QUEUE = 'queue.v1';
const SHARDS = [0, 1, 2, 3];

const inOrder = (shards: readonly number[]) => [...shards].sort((a, b) => a - b);

/** What one member did, in order. */
class Member {
  readonly lines: string[] = [];
  readonly handled: { key: string; epoch: number | null; partition: number }[] = [];
  readonly owned = new Map<number, number>();
  server!: KafkaGroupServer;
  onLoaded: (shard: number) => Promise<void> = async () => undefined;
  /** Where the queue goes on, by shard, as books beside the work would say. */
  books = new Map<number, bigint>();

  constructor(
    readonly name: string,
    readonly book: EpochBook,
  ) {}

  start(test: TestScope, kafka: RelayKafka, group: string): this {
    this.server = new KafkaGroupServer({
      kafka,
      group,
      topics: { [TABLE]: { kind: 'table' }, [QUEUE]: { kind: 'queue' } },
      log: testLog,
      pace: { permanentTries: 3, backoffMinMs: 10, backoffMaxMs: 100 },
      sharding: {
        take: async (shard) => {
          const epoch = this.book.take(shard, this.name);
          this.owned.set(shard, epoch);
          this.lines.push(`take ${shard}`);
          return epoch;
        },
        isCurrent: async (shard, epoch) => this.book.epoch(shard) === epoch,
        holds: (shard, epoch) => this.owned.get(shard) === epoch,
        goesOnAt: async (shard, topic) => (topic === QUEUE ? (this.books.get(shard) ?? null) : null),
        loaded: async (shard) => {
          await this.onLoaded(shard);
          this.lines.push(`loaded ${shard}`);
        },
        lost: (shard) => {
          this.owned.delete(shard);
          this.lines.push(`lost ${shard}`);
        },
      },
    });
    this.server.addHandler(TABLE, async (b: ReceivedBatch<unknown>) => this.onTable(b), true, { batch: true });
    this.server.addHandler(QUEUE, async (b: ReceivedBatch<unknown>) => this.onQueue(b), true, { batch: true });
    this.server.listen(() => {});
    test.onTestFinished(() => this.server.close());
    return this;
  }

  onTable({ partition, messages }: ReceivedBatch<unknown>): void {
    for (const { key } of messages) this.lines.push(`table ${partition} ${key}`);
  }

  onQueue({ partition, messages, epoch }: ReceivedBatch<unknown>): void {
    // As a fenced transaction would.
    if (this.book.epoch(partition) !== epoch) throw Object.assign(new Error('fenced'), { code: 'fenced-out' });
    for (const { key } of messages) {
      this.lines.push(`queue ${partition} ${key}`);
      this.handled.push({ key, epoch, partition });
    }
  }

  isLoaded = () => this.server.check().status === 'up';
}

describe('a sharded group', () => {
  let kafka: RelayKafka;
  let settings: KafkaSettings;

  beforeAll(async () => {
    ({ settings } = await testKafka(scope));
    kafka = await startedKafka(scope, settings, [scratchTopic(TABLE), scratchTopic(QUEUE), scratchTopic('odd.v1')]);
    const producer = kafka.producer('control');
    // Partition 0: values and a deletion; 1: the last ones are deletions; 2: ends with what nobody can read; 3: empty.
    const rows: [number, string, string | null][] = [
      [0, 'a', '1'],
      [0, 'b', '1'],
      [0, 'a', null],
      [0, 'c', '1'],
      [1, 'd', '1'],
      [1, 'd', null],
      [2, 'e', '1'],
    ];
    for (const [partition, key, value] of rows) await producer.send({ topic: TABLE, partition, key, value });
    await abortedTail(kafka, settings, TABLE, 2);
  });

  const send = (key: string, partition: number) =>
    kafka.producer('control').send({ topic: QUEUE, key, value: '1', partition });

  const allOwned = (members: readonly Member[]) =>
    inOrder(members.flatMap((member) => [...member.owned.keys()])).join() === SHARDS.join() &&
    members.every((member) => member.isLoaded());

  it('reads tables before queues, moves shards as members come and go, and loses nothing', async (test) => {
    const book = new EpochBook();
    for (const shard of SHARDS) await send(`early-${shard}`, shard);
    const one = new Member('one', book).start(test, kafka, 'journey');
    await until('all shards are loaded', () => allOwned([one]));
    await until('the early ones are handled', () => one.handled.length === 4);
    expect(one.lines.filter((line) => / 0( |$)/.test(line))).toEqual([
      'take 0',
      'table 0 a',
      'table 0 b',
      'table 0 a',
      'table 0 c',
      'loaded 0',
      'queue 0 early-0',
    ]);

    const two = new Member('two', book).start(test, kafka, 'journey');
    await until('both have two', () => one.owned.size === 2 && two.owned.size === 2 && allOwned([one, two]));
    // What stayed was neither lost nor loaded again.
    const kept = [...one.owned.keys()];
    for (const shard of kept) {
      expect(one.lines.filter((line) => line === `take ${shard}`)).toHaveLength(1);
      expect(one.lines).not.toContain(`lost ${shard}`);
    }
    for (const shard of SHARDS) await send(`middle-${shard}`, shard);
    await until('the middle ones are handled', () => one.handled.length + two.handled.length === 8);
    expect(inOrder(one.handled.slice(4).map((m) => m.partition))).toEqual(inOrder(kept));

    await two.server.close();
    await until('one has all again', () => allOwned([one]) && one.owned.size === 4);
    for (const shard of SHARDS) await send(`late-${shard}`, shard);
    // What the leaving member could not commit any more comes again: all are seen, some perhaps twice.
    const keys = () => new Set([...one.handled, ...two.handled].map((m) => m.key));
    await until('the late ones are handled', () => keys().size === 12);
    expect([...keys()].filter((key) => key.startsWith('late-'))).toHaveLength(4);
  });

  it('follows the table while it holds the shard', async (test) => {
    const member = new Member('one', new EpochBook()).start(test, kafka, 'follow');
    await until('all shards are loaded', () => allOwned([member]));
    await kafka.producer('control').send({ topic: TABLE, partition: 3, key: 'new', value: '1' });
    await until('the change arrives', () => member.lines.includes('table 3 new'));
    expect(member.lines.filter((line) => line === 'take 3')).toHaveLength(1);
  });

  it('hands the shards of a silent member over, and makes the zombie take them anew', async (test) => {
    const book = new EpochBook();
    const gate = await TcpGate.before(settings.kafkaBrokers[0] as string);
    test.onTestFinished(() => gate.close());
    // The broker names its own address in the metadata: the gate answers under it through the client's socket factory.
    const behindGate = await startedKafka(test, settings, [], {}, gate.socketFactory);
    const zombie = new Member('zombie', book).start(test, behindGate, 'silent');
    await until('the first has all', () => allOwned([zombie]));
    gate.freeze();
    const heir = new Member('heir', book).start(test, kafka, 'silent');
    await until('the heir has all', () => heir.owned.size === 4 && heir.isLoaded(), { timeoutMs: 30_000 });
    for (const shard of SHARDS) await send(`heir-${shard}`, shard);
    await until('the heir works', () => heir.handled.filter((m) => m.key.startsWith('heir')).length === 4);
    const before = zombie.lines.length;
    gate.thaw();
    await until('both have two', () => zombie.owned.size === 2 && heir.owned.size === 2 && heir.isLoaded(), {
      timeoutMs: 30_000,
    });
    await until('the zombie is ready', () => zombie.isLoaded());
    // Nothing of the old epochs was worked on: every shard it has again was lost, taken and loaded anew.
    for (const shard of zombie.owned.keys()) {
      const since = zombie.lines.slice(before).filter((line) => new RegExp(`^(take|lost|loaded) ${shard}$`).test(line));
      expect(since).toEqual([`lost ${shard}`, `take ${shard}`, `loaded ${shard}`]);
    }
    for (const shard of SHARDS) await send(`after-${shard}`, shard);
    await until(
      'all are handled',
      () => [...zombie.handled, ...heir.handled].filter((m) => m.key.startsWith('after')).length === 4,
    );
  });

  it('drops work whose fence failed and takes the shard again while it is a member', async (test) => {
    const book = new EpochBook();
    const member = new Member('one', book).start(test, kafka, 'fence');
    await until('all shards are loaded', () => allOwned([member]));
    book.take(1, 'somebody else');
    await send('after-the-fence', 1);
    await until('it is handled under a new epoch', () => member.handled.some((m) => m.key === 'after-the-fence'), {
      timeoutMs: 30_000,
    });
    expect(member.lines.filter((line) => line.endsWith(' 1') && !line.startsWith('queue'))).toEqual([
      'take 1',
      'loaded 1',
      'lost 1',
      'take 1',
      'loaded 1',
    ]);
    expect(member.handled.at(-1)?.epoch).toBe(3);
  });

  it('takes a shard again that its owner has found lost, although no message comes', async (test) => {
    const book = new EpochBook();
    const member = new Member('one', book).start(test, kafka, 'quiet');
    await until('all shards are loaded', () => allOwned([member]));
    book.take(2, 'somebody else');
    member.owned.delete(2);
    await until('it is taken again', () => member.owned.get(2) === book.epoch(2) && member.isLoaded(), {
      timeoutMs: 30_000,
    });
    expect(member.lines.filter((line) => line === 'take 2')).toHaveLength(2);
  });

  it('waits for a database that is away, shard by shard', async (test) => {
    const book = new EpochBook();
    book.failures = 3;
    const member = new Member('one', book).start(test, kafka, 'away');
    await until('all shards are loaded all the same', () => allOwned([member]));
    expect(book.failures).toBeLessThan(0);
  });

  it('refuses topics with different partition counts', async (test) => {
    const uneven = await startedKafka(test, { ...settings, topicPartitions: 3 }, [scratchTopic('uneven.v1')]);
    const fatal: string[] = [];
    const server = new KafkaGroupServer({
      kafka: uneven,
      group: 'uneven',
      topics: { [TABLE]: { kind: 'table' }, 'uneven.v1': { kind: 'queue' } },
      log: testLog,
      health: { register() {}, setFatal: (reason) => void fatal.push(reason) },
      sharding: { take: async () => 1, isCurrent: async () => true, loaded: async () => {}, lost() {} },
    });
    for (const topic of [TABLE, 'uneven.v1']) server.addHandler(topic, async () => {}, true, { batch: true });
    server.listen(() => {});
    test.onTestFinished(() => server.close());
    const [reason] = await until('the consumer gives up', () => fatal.length > 0 && fatal);
    expect(reason).toContain('equal partition counts');
  });

  it('goes on with a queue where the books of the owner say, and says so to the group before it is loaded', async (test) => {
    const book = new EpochBook();
    for (const key of ['x', 'y', 'z']) await send(key, 3);
    const keys = (member: Member) => member.handled.filter(({ partition }) => partition === 3).map(({ key }) => key);
    const first = new Member('first', book).start(test, kafka, 'books');
    await until('all is handled', () => keys(first).at(-1) === 'z');
    const end = BigInt(keys(first).length);
    await until('it is committed', async () => (await kafka.committedOffsets('books', QUEUE)).get(3) === end);
    await first.server.close();
    const second = new Member('second', book);
    second.books.set(3, end - 2n);
    let known: bigint | undefined;
    second.onLoaded = async (shard) => {
      if (shard === 3) known ??= (await kafka.committedOffsets('books', QUEUE)).get(3);
    };
    second.start(test, kafka, 'books');
    await until('the last two come again', () => keys(second).length === 2);
    expect(keys(second)).toEqual(['y', 'z']);
    expect(known).toBe(end - 2n);
  });
});
