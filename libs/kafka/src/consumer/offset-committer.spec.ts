import { describe, expect, it, vi } from 'vitest';
import { silentLog } from '../ports.js';
import { OffsetCommitter } from './offset-committer.js';

/** Commits are answered one by one, by hand. */
function setUp() {
  const requests: { offsets: string[]; answer: (error?: Error) => void }[] = [];
  const commitOffsets = (offsets: { topic: string; partition: number; offset: string }[]) =>
    new Promise<void>((resolve, reject) => {
      requests.push({
        offsets: offsets.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`),
        answer: (error) => (error ? reject(error) : resolve()),
      });
    });
  const committer = new OffsetCommitter({ commitOffsets }, silentLog);
  const request = (index: number) =>
    vi.waitFor(() => {
      const found = requests[index];
      if (found === undefined) throw new Error(`there is no commit ${index} yet`);
      return found;
    });
  return { committer, requests, request };
}

describe('OffsetCommitter', () => {
  it('gathers what is done while a commit runs, and flushes all of it', async () => {
    const { committer, requests, request } = setUp();
    committer.done('t/0', 1n);
    const first = await request(0);
    committer.done('t/0', 2n);
    committer.done('t/1', 7n);
    let isFlushed = false;
    const flushed = committer.flush().then(() => (isFlushed = true));
    first.answer();
    const second = await request(1);
    expect(second.offsets).toEqual(['t/0@2', 't/1@7']);
    expect(isFlushed).toBe(false);
    second.answer();
    await flushed;
    expect(requests).toHaveLength(2);
  });

  it('tries again what has failed, with the newest offset', async () => {
    const { committer, request } = setUp();
    committer.done('t/0', 1n);
    const first = await request(0);
    committer.done('t/0', 5n);
    first.answer(new Error('rebalancing'));
    await Promise.resolve();
    const flushed = committer.flush();
    const second = await request(1);
    expect(second.offsets).toEqual(['t/0@5']);
    second.answer();
    await flushed;
  });

  it('commits nothing of a partition that was lost', async () => {
    const { committer, requests, request } = setUp();
    committer.done('t/0', 1n);
    const first = await request(0);
    committer.done('t/0', 2n);
    committer.forget('t/0');
    first.answer(new Error('rebalancing'));
    await committer.flush();
    expect(requests).toHaveLength(1);
  });
});
