import { describe, expect, it } from 'vitest';
import { GatewayGate } from './gateway-gate.js';

/** One that opens at once, for a second. */
const gate = (): GatewayGate => new GatewayGate({ failures: 1, minMs: 1_000, maxMs: 1_000 }, () => 1);

describe('a gateway that is out', () => {
  it('is asked by one at a time, until one is answered', () => {
    const out = gate();
    out.failed(0);
    const from = out.openFrom(1);
    expect(from).toBeGreaterThan(1);
    out.entered(from);
    expect(out.openFrom(from)).toBe(from + 5_000);
    out.answered(from);
    expect(out.openFrom(from)).toBe(0);
  });

  it('is asked by the next one when a call was not made after all', () => {
    const out = gate();
    out.failed(0);
    const from = out.openFrom(1);
    out.entered(from);
    out.notMade();
    expect(out.openFrom(from)).toBe(from);
  });

  it('is not back with the answer to what was asked before it failed', () => {
    const out = gate();
    out.failed(100);
    out.answered(99);
    expect(out.openFrom(101)).toBeGreaterThan(101);
    out.answered(100);
    expect(out.openFrom(101)).toBe(0);
  });

  it('is not believed about tenants for five minutes, unless one of them is answered', () => {
    const out = gate();
    expect(out.failedLately(0)).toBe(false);
    out.failed(0);
    expect([out.failedLately(299_999), out.failedLately(300_000)]).toEqual([true, false]);
    out.failed(1);
    out.answered(1);
    expect(out.failedLately(2)).toBe(false);
  });

  it('is asked first for those of whom the answer tells something', () => {
    const out = gate();
    out.failed(0);
    const from = out.openFrom(1);
    expect(out.openFrom(1, false)).toBe(from + 5_000);
    out.entered(from);
    expect(out.openFrom(from + 5_000)).toBeLessThanOrEqual(from + 5_000);
    expect(out.openFrom(from + 5_000, false)).toBeGreaterThan(from + 5_000);
    // Nobody else is there.
    expect(out.openFrom(from + 10_000, false)).toBeLessThanOrEqual(from + 10_000);
  });
});
