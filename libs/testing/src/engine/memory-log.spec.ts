import { describe, expect, it } from 'vitest';
import { MemoryLog, type SendFate } from './memory-log.js';
import { MemoryRecordLog } from './memory-record-log.js';
import { VirtualClock } from './virtual-clock.js';

function setUp(fates: SendFate[] = []) {
  const clock = new VirtualClock(0);
  const log = new MemoryLog({ partitions: 2, now: clock.now });
  log.fateOfSend = () => fates.shift() ?? 'acknowledged';
  const process = clock.process();
  const readBackPositions = () => new Map<number, bigint>();
  const sender = new MemoryRecordLog({ log, process, name: 'worker', latencyMs: 5, readBackPositions });
  const outcomes: string[] = [];
  const send = (key: string, value: string): void => {
    sender.send({ topic: 't', partition: 0, key, value }).then(
      ({ offset }) => outcomes.push(`${value} at ${offset}`),
      () => outcomes.push(`${value} unknown`),
    );
  };
  const values = () => log.messages('t').map(({ value }) => value);
  return { clock, log, process, send, outcomes, values };
}

describe('the log in memory', () => {
  it('keeps every message in order, and the last of each key as its tail', async () => {
    const { clock, log, send, outcomes } = setUp();
    send('a', '1');
    send('b', '2');
    send('a', '3');
    await clock.run(100);
    expect(outcomes).toEqual(['1 at 0', '2 at 1', '3 at 2']);
    expect([...log.tail('t').values()].map(({ value }) => value)).toEqual(['3', '2']);
    expect(log.read('t', 0, 1n, 1)).toMatchObject({ messages: [{ key: 'b', offset: 1n, value: 2 }], next: 2n });
  });

  it('sends one message of a key at a time', async () => {
    const { clock, send, values } = setUp();
    send('a', '1');
    send('a', '2');
    await clock.run(6);
    expect(values()).toEqual(['1']);
    await clock.run(10);
    expect(values()).toEqual(['1', '2']);
  });

  it('loses, answers to nobody, and lands late, as it was told to', async () => {
    const { clock, log, send, outcomes, values } = setUp(['lost', 'answer lost', 'late', 'acknowledged and gone']);
    for (const [index, key] of ['a', 'b', 'c', 'd', 'e'].entries()) send(key, String(index));
    await clock.run(100);
    expect(outcomes.sort()).toEqual(['0 unknown', '1 unknown', '2 unknown', '3 at 1', '4 at 2']);
    expect(values()).toEqual(['1', '4']);
    expect(log.land()).toBe(1);
    expect(values()).toEqual(['1', '4', '2']);
  });

  it('sends late for a process that was stopped', async () => {
    const { clock, log, process, send, values } = setUp();
    send('a', '1');
    process.stop();
    await clock.run(100);
    log.append({ topic: 't', partition: 0, key: 'a', value: '2' });
    process.resume();
    await clock.run(100);
    expect(values()).toEqual(['2', '1']);
  });
});
