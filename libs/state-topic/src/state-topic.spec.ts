import { KafkaSendError, type KafkaLog } from '@relay/kafka';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StateTopic } from './state-topic.js';
import { MemoryLog, type Fate } from './test-support/memory-log.js';
import { MemoryStore } from './test-support/memory-store.js';

const log: KafkaLog = { debug() {}, info() {}, warn() {}, error() {} };
const pace = { lookMs: 100, scanMs: 1_000, blindMs: 500, retryMinMs: 10, retryMaxMs: 50 };

function make(fates: Fate[] = [], ownership: 'shared' | 'sharded' = 'shared') {
  const store = new MemoryStore();
  const topic = new MemoryLog(() => fates.shift() ?? 'acknowledged');
  const start = () =>
    new StateTopic({
      producer: topic,
      store,
      log,
      ownership,
      pace,
      readBackPositions: async () => topic.positions(),
    });
  const readBack = async (reader: StateTopic) => {
    const { seen, done } = topic.unread();
    await reader.onSeen(seen);
    done();
  };
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { store, topic, start, readBack, pass, state: start() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('StateTopic', () => {
  it('resolves when acknowledged and forgets the row when it was read back', async () => {
    const { store, topic, readBack, state } = make();
    await state.publish([store.commit('a'), store.commit('b')]);
    expect(topic.tail()).toEqual(
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    );
    expect(state.unconfirmed).toBe(2);
    await readBack(state);
    expect(state.unconfirmed).toBe(0);
    state.close();
  });

  it('sends the present state, not the old one, after an unknown outcome', async () => {
    const { store, topic, state, pass } = make(['lost', 'acknowledged']);
    const first = state.publish([store.commit('a')]);
    await pass(1);
    store.commit('a');
    await pass(200);
    await first;
    expect(topic.partitions.get(1)).toEqual([{ key: 'a', version: 2 }]);
    state.close();
  });

  it('sends again what the read-back has passed without seeing, and waits while it has not come so far', async () => {
    const { store, topic, state, readBack, pass } = make(['acknowledged and gone']);
    await state.publish([store.commit('a')]);
    await pass(1_000);
    expect(topic.tail().size).toBe(0);
    await state.publish([store.commit('c')]);
    await readBack(state);
    await pass(300);
    expect(topic.tail().get('a')).toBe(1);
    state.close();
  });

  it("follows a zombie's late message with the newest state", async () => {
    const { store, topic, state, start, readBack, pass } = make(['late'], 'sharded');
    const zombie = start();
    void zombie.publish([store.commit('a')]);
    await pass(1);
    zombie.close();
    await state.publish([store.commit('a')]);
    await readBack(state);
    topic.land();
    expect(topic.tail().get('a')).toBe(1);
    await readBack(state);
    await pass(300);
    expect(topic.tail().get('a')).toBe(2);
    state.close();
  });

  it('sends at take-over what a crashed owner has left, of its shard only', async () => {
    const { store, topic, state } = make([], 'sharded');
    store.commit('a');
    store.commit('b');
    await state.takeOver(store.partitionOf('a'));
    expect([...topic.tail().keys()]).toEqual(['a']);
    state.close();
  });

  it('stops sending rows of a shard that was released, and of rows that are gone', async () => {
    const { store, topic, state, pass } = make(['lost', 'lost'], 'sharded');
    const published = state.publish([store.commit('a'), store.commit('b')]);
    await pass(1);
    state.release(store.partitionOf('a'));
    store.remove('b');
    await pass(1_000);
    await published;
    expect(topic.tail().size).toBe(0);
    expect(state.unconfirmed).toBe(0);
    state.close();
  });

  it('waits for a database that is away', async () => {
    const { store, topic, state, pass } = make(['lost']);
    const published = state.publish([store.commit('a')]);
    store.isAway = true;
    await pass(2_000);
    expect(topic.tail().size).toBe(0);
    store.isAway = false;
    await pass(200);
    await published;
    expect(topic.tail().get('a')).toBe(1);
    state.close();
  });

  it('gives up a row that Kafka refuses for good', async () => {
    const store = new MemoryStore();
    const send = async () => {
      throw new KafkaSendError('too large', 'not-sent', false);
    };
    const state = new StateTopic({ producer: { send }, store, log, pace, ownership: 'sharded' });
    await state.publish([store.commit('a')]);
    expect(state.unconfirmed).toBe(0);
    state.close();
  });

  const fate = fc.constantFrom<Fate>('acknowledged', 'answer lost', 'lost', 'late', 'acknowledged and gone');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('change' as const), row: fc.constantFrom('a', 'b', 'c'), by: fc.nat(1) }),
    fc.record({ kind: fc.constant('change unsent' as const), row: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('read back' as const), by: fc.nat(1) }),
    fc.record({ kind: fc.constant('land' as const) }),
    fc.record({ kind: fc.constant('crash' as const), who: fc.nat(1) }),
    fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('database' as const), isAway: fc.boolean() }),
  );

  it('ends with the newest version of every row last in the log, whatever went wrong before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(fate, { maxLength: 60 }), async (steps, fates) => {
        const { store, topic, start, readBack, pass } = make(fates);
        const processes: [StateTopic, StateTopic] = [start(), start()];
        for (const s of steps) {
          switch (s.kind) {
            case 'change':
              void processes[s.by as 0 | 1].publish([store.commit(s.row)]);
              break;
            case 'change unsent':
              // Committed, then the process died before it sent anything.
              store.commit(s.row);
              break;
            case 'read back':
              await readBack(processes[s.by as 0 | 1]).catch(() => {});
              break;
            case 'land':
              topic.land();
              break;
            case 'crash':
              processes[s.who as 0 | 1].close();
              processes[s.who as 0 | 1] = start();
              break;
            case 'time':
              await pass(s.ms);
              break;
            case 'database':
              store.isAway = s.isAway;
              break;
            default:
              s satisfies never;
          }
        }
        // Everything heals.
        store.isAway = false;
        while (topic.hasLate) topic.land();
        fates.length = 0;
        for (let turn = 0; turn < 20; turn++) {
          await pass(200);
          while (topic.hasLate) topic.land();
          await readBack(processes[(turn % 2) as 0 | 1]);
        }
        const newest = new Map([...store.rows].map(([key, row]) => [key, row.version]));
        expect(topic.tail()).toEqual(newest);
        expect(await store.unconfirmed({}, 10)).toEqual([]);
        for (const process of processes) {
          expect(process.unconfirmed).toBe(0);
          process.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
