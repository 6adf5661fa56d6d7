import type { Consumer, ConsumerCrashEvent, Kafka } from 'kafkajs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../ports.js';
import { GroupConsumer } from './group-consumer.js';

type CrashListener = (event: Pick<ConsumerCrashEvent, 'payload'>) => void;

/** A kafkajs consumer of which only what happens at a crash is of interest. */
function setUp() {
  let onCrash: CrashListener = () => undefined;
  const run = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const settled = () => Promise.resolve();
  const consumer = {
    events: { CRASH: 'crash' },
    on: (name: string, listener: CrashListener) => {
      if (name === 'crash') onCrash = listener;
    },
    run,
    connect: settled,
    subscribe: settled,
    disconnect: settled,
  } as unknown as Consumer;
  const fatal: Error[] = [];
  const group = new GroupConsumer({
    kafka: { consumer: () => consumer } as unknown as Kafka,
    groupId: 'g',
    topics: ['t'],
    sessionTimeoutMs: 6_000,
    assigner: () => {
      throw new Error('nobody joins');
    },
    fromBeginning: true,
    log: silentLog,
    events: {
      onBatch: () => Promise.resolve('done' as const),
      onJoin: () => undefined,
      onLeft: () => undefined,
      onFatal: (error) => void fatal.push(error),
    },
  });
  group.start();
  const crash = (name: string, restart: boolean) => {
    const error = Object.assign(new Error(name), { name });
    onCrash({ payload: { error, groupId: 'g', restart } });
  };
  return { run, fatal, group, crash };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a consumer that crashes', () => {
  it('starts again when no broker named its coordinator: kafkajs itself would give up', async () => {
    vi.useFakeTimers();
    const { run, fatal, crash } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    crash('KafkaJSGroupCoordinatorNotFound', false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(run).toHaveBeenCalledTimes(2);
    expect(fatal).toEqual([]);
  });

  it('is left to kafkajs when that starts it again', async () => {
    vi.useFakeTimers();
    const { run, fatal, crash } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    crash('KafkaJSNumberOfRetriesExceeded', true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(run).toHaveBeenCalledTimes(1);
    expect(fatal).toEqual([]);
  });

  it('is reported when it cannot come back', async () => {
    vi.useFakeTimers();
    const { run, fatal, crash } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    crash('KafkaJSSASLAuthenticationError', false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(run).toHaveBeenCalledTimes(1);
    expect(fatal).toHaveLength(1);
  });

  it('stays ended once it was closed', async () => {
    vi.useFakeTimers();
    const { run, group, crash } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    await group.close(0, () => undefined);
    crash('KafkaJSGroupCoordinatorNotFound', false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
