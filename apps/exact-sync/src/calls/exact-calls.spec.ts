import type { Reply } from '@relay/http-client';
import type { TokenSource } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { ExactCalls } from './exact-calls.js';
import { RequestRate } from './request-rate.js';

const PER_SECOND = 2;
const API = { apiUrl: 'https://api.example', owner: 'exact:qa', scopes: 's' };

/** A clock that stands still until it is set: a process that did not run for a while finds many timers due at once. */
class StandingClock {
  private at = 0;
  private waiting: { at: number; run: () => void }[] = [];

  now = (): number => this.at;

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.at + ms, run };
    this.waiting.push(timer);
    return () => (this.waiting = this.waiting.filter((one) => one !== timer));
  };

  async set(to: number): Promise<void> {
    this.at = to;
    const due = this.waiting.filter(({ at }) => at <= to);
    this.waiting = this.waiting.filter(({ at }) => at > to);
    for (const { run } of due) run();
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('calls that wait for their place', () => {
  it('are no more in a second than the limit when all of them are due at once', async () => {
    const clock = new StandingClock();
    const sent: number[] = [];
    const http = {
      send: (): Promise<Reply> => {
        sent.push(clock.now());
        const startedAt = clock.now();
        return Promise.resolve({
          kind: 'response',
          status: 200,
          headers: {},
          text: '{}',
          wellEncoded: true,
          tookMs: 1,
          startedAt,
        });
      },
    };
    const token = { credentialId: 'c', version: 1, value: 't' };
    const tokens = { tokenOf: () => token, refused: () => Promise.resolve() } as unknown as TokenSource;
    const calls = new ExactCalls(http, tokens, new RequestRate(PER_SECOND), API, clock);
    const { signal } = new AbortController();
    const all = [0, 1, 2, 3].map((n) => calls.get({ path: `/v1/${n}`, route: '/v1', signal, timeoutMs: 1_000 }));
    await settled();
    await clock.set(10_000);
    expect(sent.filter((at) => at === 10_000).length).toBeLessThanOrEqual(PER_SECOND);
    for (let at = 10_500; at <= 14_000; at += 500) await clock.set(at);
    await Promise.all(all);
    expect(sent).toHaveLength(4);
    for (const from of sent) {
      expect(sent.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(PER_SECOND);
    }
  });
});
