import { describe, expect, it } from 'vitest';
import type { GroupConsumer } from './group-consumer.js';
import { reachEnd } from './table-end.js';

function consumer(state: { position: bigint | undefined; isBusy?: boolean; isEmptyFrom?: bigint; probes?: number }) {
  return {
    position: () => state.position,
    isBusy: () => state.isBusy === true,
    moved: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return false;
    },
    nothingFrom: async (_topic: string, _partition: number, offset: bigint) => {
      state.probes = (state.probes ?? 0) + 1;
      if (state.probes === 1) throw new Error('no leader for a moment');
      return state.isEmptyFrom !== undefined && offset >= state.isEmptyFrom;
    },
  } as unknown as GroupConsumer;
}

const signal = new AbortController().signal;

describe('reachEnd', () => {
  it('needs no question when the position has reached the end', async () => {
    const state = { position: 5n, probes: 0 };
    await reachEnd(consumer(state), 't', 0, 5n, signal);
    expect(state.probes).toBe(0);
  });

  it('believes the log when nothing is left before the end', async () => {
    const state = { position: 3n, isEmptyFrom: 3n, probes: 0 };
    await reachEnd(consumer(state), 't', 0, 9n, signal);
    // The first question had no answer.
    expect(state.probes).toBe(2);
  });

  it('waits while a handler works, while something is left, and while nothing is known', async () => {
    for (const state of [{ position: 3n, isBusy: true, isEmptyFrom: 0n }, { position: 3n }, { position: undefined }]) {
      const abort = new AbortController();
      let isOver = false;
      const waiting = reachEnd(consumer(state), 't', 0, 9n, abort.signal).then(() => (isOver = true));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(isOver).toBe(false);
      abort.abort();
      await waiting;
    }
  });
});
