import { WindowBudget } from '@relay/http-client';
import { ScriptedHttp, type Script } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { CheckCalls, Unreachable, spareOf } from './check-calls.ts';

const MINUTE = 60_000;
const request = { path: 'invoice/', limit: 60, budget: 'list invoice' };

/** Calls on a clock of their own: only waiting lets time pass. */
function callsOf(script: Script, share = 0.1) {
  let now = 1_000_000;
  const sentAt: number[] = [];
  const http = new ScriptedHttp(script);
  const calls = new CheckCalls({
    send: (outgoing) => {
      sentAt.push(now);
      return http.send(outgoing);
    },
    tenantUrl: 'https://vet.example.com/9/',
    apiPath: 'api/0.1/',
    token: 't',
    share,
    newBudget: (limit) => new WindowBudget({ limit, windowMs: MINUTE }),
    wait: (ms) => Promise.resolve((now += ms)),
    now: () => now,
  });
  return { calls, http, sentAt };
}

describe('the calls of a check', () => {
  it('stay within the share of a limit that the relay leaves free, in any minute', async () => {
    const { calls, sentAt } = callsOf(() => ({ body: {} }));
    for (let call = 0; call < 20; call++) await calls.send(request);
    for (const at of sentAt) {
      expect(sentAt.filter((other) => other > at - MINUTE && other <= at).length).toBeLessThanOrEqual(6);
    }
    expect(calls.sent).toBe(20);
    expect(calls.waitedMs).toBeGreaterThan(2 * MINUTE);
  });

  it('leave at least one request a minute', () => {
    expect([spareOf(60, 0.1), spareOf(5, 0.1), spareOf(60, 0)]).toEqual([6, 1, Number.POSITIVE_INFINITY]);
  });

  it('wait as long as a 429 asks for, once, and keep what it looked like', async () => {
    const { calls, sentAt } = callsOf((_request, index) =>
      index === 0 ? { status: 429, headers: { 'retry-after': '7' }, body: { detail: 'slow' } } : { body: {} },
    );
    expect((await calls.send(request)).status).toBe(200);
    expect((sentAt[1] as number) - (sentAt[0] as number)).toBeGreaterThanOrEqual(7_000);
    expect(calls.throttled).toMatchObject({ status: 429, json: { detail: 'slow' } });
  });

  it('give a 429 up that asks for too long', async () => {
    const { calls, http } = callsOf(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    expect((await calls.send(request)).status).toBe(429);
    expect(http.requests).toHaveLength(1);
  });

  it('take a failure that stays for an answer, and silence for the end', async () => {
    expect((await callsOf(() => ({ status: 503 })).calls.send(request)).status).toBe(503);
    await expect(callsOf(() => ({ fault: 'timeout' })).calls.send(request)).rejects.toBeInstanceOf(Unreachable);
  });

  it('never follow a redirect', async () => {
    const { calls, http } = callsOf(() => ({ status: 301, headers: { location: 'https://evil.example/' } }));
    expect((await calls.send(request)).status).toBe(301);
    expect(http.requests).toHaveLength(1);
  });
});
