import type { Producer, ProducerBatch, RecordMetadata } from 'kafkajs';
import { describe, expect, it, vi } from 'vitest';
import { kafkaInstruments } from '../instruments.js';
import { silentLog } from '../ports.js';
import { GroupingProducer, type ProducerKind } from './grouping-producer.js';

type Answer = (batch: ProducerBatch) => Promise<RecordMetadata[]>;

/** A producer whose requests are answered one by one, by hand. */
class Scripted {
  readonly requests: { keys: string[]; answer: (result?: Error) => void }[] = [];
  #offset = 100;

  readonly send: Answer = (batch) =>
    new Promise((resolve, reject) => {
      const messages = (batch.topicMessages ?? []).flatMap(({ topic, messages }) =>
        messages.map((m) => ({ topic, m })),
      );
      this.requests.push({
        keys: messages.map(({ m }) => `${String(m.key)}=${String(m.value)}`),
        answer: (error) => {
          if (error) return reject(error);
          const bases = new Map<string, RecordMetadata>();
          for (const { topic, m } of messages) {
            const at = `${topic}/${m.partition}`;
            if (!bases.has(at)) {
              bases.set(at, {
                topicName: topic,
                partition: m.partition as number,
                errorCode: 0,
                baseOffset: String(this.#offset),
              });
            }
            this.#offset++;
          }
          resolve([...bases.values()]);
        },
      });
    });

  async request(index: number) {
    return vi.waitFor(() => {
      const request = this.requests[index];
      if (request === undefined) throw new Error(`there is no request ${index} yet`);
      return request;
    });
  }
}

function make(kind: ProducerKind, tryForMs = 5_000) {
  const script = new Scripted();
  const kafkajs = {
    connect: async () => {},
    disconnect: async () => {},
    sendBatch: script.send,
  } as unknown as Producer;
  const producer = new GroupingProducer(kafkajs, {
    kind,
    partitions: 1,
    prefix: 'p.',
    log: silentLog,
    instruments: kafkaInstruments(undefined),
    tryForMs,
  });
  return {
    script,
    send: (key: string, value = '1', deadlineMs?: number) =>
      producer.send({ topic: 't', key, value }, deadlineMs === undefined ? {} : { deadlineMs }),
    producer,
  };
}

const lost = (type: string) => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

describe('GroupingProducer', () => {
  it('sends at once and groups what comes while a request is in flight', async () => {
    const { script, send } = make('control');
    const first = send('a');
    await script.request(0);
    const others = [send('b'), send('c'), send('d')];
    expect(script.requests.map((r) => r.keys)).toEqual([['a=1']]);
    script.requests[0]?.answer();
    expect(await first).toEqual({ topic: 't', partition: 0, offset: 100n });
    const group = await script.request(1);
    expect(group.keys).toEqual(['b=1', 'c=1', 'd=1']);
    group.answer();
    expect((await Promise.all(others)).map((p) => p.offset)).toEqual([101n, 102n, 103n]);
  });

  it('keeps one record message of a key in flight, in order', async () => {
    const { script, send } = make('record');
    const all = [send('a', '1'), send('a', '2'), send('b', '1')];
    const first = await script.request(0);
    expect(first.keys).toEqual(['a=1', 'b=1']);
    first.answer();
    const second = await script.request(1);
    expect(second.keys).toEqual(['a=2']);
    second.answer();
    await Promise.all(all);
  });

  it('tries record messages once and says what is known', async () => {
    const { script, send } = make('record');
    const refused = send('a');
    (await script.request(0)).answer(lost('NOT_ENOUGH_REPLICAS'));
    await expect(refused).rejects.toMatchObject({ outcome: 'unknown', retryable: true });
    const unreachable = send('a');
    (await script.request(1)).answer(Object.assign(new Error('refused'), { name: 'KafkaJSConnectionError' }));
    await expect(unreachable).rejects.toMatchObject({ outcome: 'not-sent', retryable: true });
    expect(script.requests).toHaveLength(2);
  });

  it('tries control messages again, and never calls uncertain what may be in the log certain', async () => {
    const { script, send } = make('control');
    const taken = send('a');
    (await script.request(0)).answer(lost('NOT_ENOUGH_REPLICAS'));
    (await script.request(1)).answer();
    await expect(taken).resolves.toMatchObject({ offset: 100n });

    const short = make('control', 0);
    const failed = short.send('a');
    (await short.script.request(0)).answer(lost('REQUEST_TIMED_OUT'));
    await expect(failed).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('rejects at the deadline, and does not try again for those who have left', async () => {
    const { script, send } = make('control');
    const late = send('late', '1', 20).catch((error: unknown) => error);
    const patient = send('patient');
    const request = await script.request(0);
    expect(await late).toMatchObject({ outcome: 'unknown' });
    request.answer(lost('REQUEST_TIMED_OUT'));
    const again = await script.request(1);
    expect(again.keys).toEqual(['patient=1']);
    again.answer();
    await patient;
  });

  it('sends what waits before it closes, and nothing after', async () => {
    const { script, send, producer } = make('control');
    const first = send('a');
    const request = await script.request(0);
    const second = send('b');
    const closed = producer.close();
    await expect(send('c')).rejects.toMatchObject({ outcome: 'not-sent' });
    request.answer();
    (await script.request(1)).answer();
    await Promise.all([first, second, closed]);
  });
});
