import type { KafkaMessage } from 'kafkajs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryLater } from '../errors.js';
import { silentLog } from '../ports.js';
import { deliver, type DeliveryRules } from './delivery.js';
import { ReceivedMessage } from './received-message.js';

const pace = { permanentTries: 3, backoffMinMs: 0, backoffMaxMs: 1 };

function messages(count: number): ReceivedMessage[] {
  return Array.from({ length: count }, (_, offset) => {
    const message = { key: Buffer.from(`k${offset}`), value: Buffer.from('1'), offset: String(offset), timestamp: '0' };
    return new ReceivedMessage('scratch.v1', 0, message as unknown as KafkaMessage);
  });
}

function rules(over: Partial<DeliveryRules> & Pick<DeliveryRules, 'handle'>) {
  const aside: string[] = [];
  const base: DeliveryRules = {
    inBatches: true,
    putAside: async (message, cause, tries) => void aside.push(`${message.key} ${cause} ${tries.attempts}`),
    ...over,
  };
  return { aside, rules: base };
}

const run = (count: number, r: DeliveryRules, signal = new AbortController().signal) =>
  deliver(messages(count), r, signal, silentLog, pace);

describe('deliver', () => {
  it('handles or puts aside every message, in order, whichever are poison', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), fc.boolean(), async (poison, inBatches) => {
        const done: string[] = [];
        const { aside, rules: r } = rules({
          inBatches,
          handle: async (part) => {
            if (part.some((message) => poison[Number(message.offset)])) throw new TypeError('poison');
            done.push(...part.map((message) => message.key));
          },
        });
        expect(await run(poison.length, r)).toBe('done');
        expect(done).toEqual(poison.flatMap((isPoison, offset) => (isPoison ? [] : [`k${offset}`])));
        expect(aside).toEqual(
          poison.flatMap((isPoison, offset) => (isPoison ? [`k${offset} handler TypeError 3`] : [])),
        );
      }),
    );
  });

  it('tries retryable errors without a limit and keeps the batch whole', async () => {
    const sizes: number[] = [];
    const { aside, rules: r } = rules({
      handle: async (part) => {
        sizes.push(part.length);
        if (sizes.length < 20) throw Object.assign(new Error('down'), { retryable: true });
      },
    });
    expect(await run(4, r)).toBe('done');
    expect(sizes).toEqual(Array.from({ length: 20 }, () => 4));
    expect(aside).toEqual([]);
  });

  it('drops the work when the partition is lost, by verdict or by signal, also in the middle of a wait', async () => {
    const fenced = rules({
      handle: async () => {
        throw new Error('fenced');
      },
      judge: async () => ({ kind: 'lost' }),
    });
    expect(await run(2, fenced.rules)).toBe('dropped');
    expect(fenced.aside).toEqual([]);
    const abort = new AbortController();
    const waiting = rules({
      handle: async () => {
        throw new RetryLater('down', 60_000);
      },
      waiting: (isWaiting) => {
        if (isWaiting) setTimeout(() => abort.abort(), 5);
      },
    });
    expect(await run(2, waiting.rules, abort.signal)).toBe('dropped');
  });

  it('puts a message aside although that fails at first', async () => {
    let failures = 2;
    const { rules: r } = rules({
      handle: async () => {
        throw new Error('poison');
      },
      putAside: async () => {
        if (failures-- > 0) throw new Error('Kafka is away');
      },
    });
    expect(await run(1, r)).toBe('done');
    expect(failures).toBe(-1);
  });
});
