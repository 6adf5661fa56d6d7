import * as fc from 'fast-check';
import { Metrics } from '@relay/service-kit';
import { describe, expect, it } from 'vitest';
import { HostCeiling } from './host-ceiling.js';

const HOST = 'vet.example.com';

interface Sent {
  readonly at: number;
  readonly tenant: string;
}

/** Tenants that each want that many calls at once, and come again when they were told to, or up to `late` ms later. */
function play(ceiling: HostCeiling, wishes: Readonly<Record<string, number>>, until: number, late = 0): Sent[] {
  const sent: Sent[] = [];
  const calls = Object.entries(wishes).flatMap(([tenant, count]) =>
    Array.from({ length: count }, (_, index) => ({ tenant, at: 0, late: index % (late + 1) })),
  );
  for (let now = 0; now < until; now += 1) {
    for (const call of calls) {
      if (call.at > now) continue;
      const waitMs = ceiling.waitMs(HOST, call.tenant, now);
      if (waitMs > 0) {
        call.at = now + waitMs + call.late;
        continue;
      }
      ceiling.sent(HOST, call.tenant, now);
      sent.push({ at: now, tenant: call.tenant });
      call.at = Infinity;
    }
  }
  return sent;
}

describe('the ceiling of a host', () => {
  it('is never passed in any second, and is used', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }),
        fc.nat(40),
        (rate, counts, late) => {
          const wishes = Object.fromEntries(counts.map((count, index) => [`t${index}`, count]));
          const sent = play(new HostCeiling(rate), wishes, 4_000, late);
          for (const { at } of sent) {
            expect(sent.filter((one) => one.at >= at && one.at <= at + 1_000).length).toBeLessThanOrEqual(rate);
          }
        },
      ),
      { numRuns: 40 },
    );
    const sent = play(new HostCeiling(50), { a: 400, b: 400 }, 10_000);
    expect(sent.length).toBeGreaterThanOrEqual(0.9 * 500);
  });

  it('gives each tenant its turn before another has its second', () => {
    const sent = play(new HostCeiling(20), { greedy: 500, a: 3, b: 3, c: 3 }, 2_000);
    // Five rounds at most until all that the small ones want is done, whatever the greedy one has in store.
    expect(sent.slice(0, 16).filter(({ tenant }) => tenant !== 'greedy')).toHaveLength(9);
    expect(sent.slice(0, 16).filter(({ tenant }) => tenant === 'greedy').length).toBeLessThanOrEqual(7);
  });

  it('passes on the turn of a tenant that does not come', () => {
    const ceiling = new HostCeiling(10);
    ceiling.waitMs(HOST, 'first', 0);
    for (let tenant = 0; tenant < 50; tenant += 1) expect(ceiling.waitMs(HOST, `gone-${tenant}`, 0)).toBeGreaterThan(0);
    expect(ceiling.waiting(HOST)).toBe(51);
    expect(ceiling.waitMs(HOST, 'other', 20_000)).toBe(0);
    expect(ceiling.waiting(HOST)).toBe(1);
  });

  it('keeps hosts apart, and is none at 0', () => {
    const ceiling = new HostCeiling(1);
    expect(ceiling.waitMs('a', 't', 0)).toBe(0);
    ceiling.sent('a', 't', 0);
    expect(ceiling.waitMs('a', 't', 1)).toBeGreaterThan(0);
    expect(ceiling.waitMs('b', 't', 1)).toBe(0);
    const none = new HostCeiling(0);
    for (let call = 0; call < 1_000; call += 1) {
      expect(none.waitMs('a', 't', 0)).toBe(0);
      none.sent('a', 't', 0);
    }
  });

  it('says what became of its turns, and how long who asks now waits', async () => {
    const metrics = new Metrics();
    const ceiling = new HostCeiling(10);
    ceiling.watch(metrics, () => 0);
    for (const tenant of ['a', 'b', 'c', 'd']) ceiling.waitMs(HOST, tenant, 0);
    ceiling.sent(HOST, 'a', 0);
    ceiling.passed(HOST, 'b');
    expect(await metrics.registry.getSingleMetricAsString('relay_provet_host_turn_wait_seconds')).toMatch(/ 0\.4$/);
    ceiling.waitMs(HOST, 'late', 20_000);
    const shown = await metrics.registry.getSingleMetricAsString('relay_provet_host_turns');
    expect(shown.split('\n').slice(2)).toEqual([
      'relay_provet_host_turns{outcome="used"} 1',
      'relay_provet_host_turns{outcome="passed"} 1',
      'relay_provet_host_turns{outcome="given-up"} 2',
    ]);
  });
});
