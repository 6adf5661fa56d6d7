import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admission, type WaitingRoom } from './admission.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const LIMITS = { tenantPerHour: 3, allPerHour: 5 };
const at = (tenantId: string, ...ages: number[]) => ages.map((age) => ({ tenantId, at: NOW - age }));
const room = (admitted: WaitingRoom['admitted'], ahead: Record<string, number> = {}): WaitingRoom => ({
  admitted: [...admitted].sort((a, b) => a.at - b.at),
  ahead: new Map(Object.entries(ahead)),
});

describe('a registration', () => {
  it('is let through while there is room', () => {
    expect(admission(room(at('a', 10, 20)), 'a', LIMITS, NOW)).toEqual({ kind: 'admitted' });
    expect(admission(room(at('a', HOUR, HOUR + 1, HOUR + 2)), 'a', LIMITS, NOW)).toEqual({ kind: 'admitted' });
  });

  it("waits for its tenant's hour", () => {
    const full = room(at('a', 30_000, 20_000, 10_000));
    expect(admission(full, 'a', LIMITS, NOW)).toEqual({ kind: 'wait', until: NOW + HOUR - 30_000 });
    expect(admission(full, 'b', LIMITS, NOW)).toEqual({ kind: 'admitted' });
  });

  it("waits for everybody's hour, behind those who came first", () => {
    const full = room([...at('a', 50, 40), ...at('b', 30, 20), ...at('c', 10)], { d: 1, e: 1 });
    expect(admission(full, 'f', LIMITS, NOW)).toEqual({ kind: 'wait', until: NOW + HOUR - 30 });
  });

  it('leaves free places to those who came first', () => {
    expect(admission(room(at('a', 1, 2, 3), { b: 1, c: 1 }), 'd', LIMITS, NOW).kind).toBe('wait');
    expect(admission(room(at('a', 1, 2, 3), { b: 1 }), 'd', LIMITS, NOW).kind).toBe('admitted');
  });

  it('is not held up by a flood of another tenant', () => {
    expect(admission(room(at('a', 1, 2, 3), { a: 1000 }), 'b', LIMITS, NOW)).toEqual({ kind: 'admitted' });
  });

  it('waits an hour more for each full round ahead of it', () => {
    const answer = admission(room(at('a', 1, 2, 3), { a: 7 }), 'a', LIMITS, NOW);
    expect(answer.kind === 'wait' && Math.floor((answer.until - NOW) / HOUR)).toBe(2);
  });
});

it('never lets more through than the limits in any hour, and everybody in the end, in order', () => {
  const arrivals = fc.array(fc.record({ tenant: fc.constantFrom('a', 'b', 'c', 'd'), gap: fc.nat({ max: 600_000 }) }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(arrivals, (list) => {
      let time = NOW;
      const waiting = list.map(({ tenant, gap }, id) => ({ id, tenant, due: (time += gap) }));
      const through = [] as { tenantId: string; at: number; id: number }[];
      const order = [...waiting];
      for (let clock = NOW, steps = 0; waiting.length > 0; steps++) {
        if (steps > 20_000) throw new Error('somebody waits for ever');
        const next = waiting.toSorted((x, y) => x.due - y.due || x.id - y.id)[0] as (typeof waiting)[number];
        clock = Math.max(clock, next.due);
        const ahead = new Map<string, number>();
        for (const one of order) {
          const isAhead = one.id < next.id && waiting.includes(one);
          if (isAhead) ahead.set(one.tenant, (ahead.get(one.tenant) ?? 0) + 1);
        }
        const answer = admission({ admitted: through, ahead }, next.tenant, LIMITS, clock);
        if (answer.kind === 'wait') next.due = answer.until;
        else {
          through.push({ tenantId: next.tenant, at: clock, id: next.id });
          waiting.splice(waiting.indexOf(next), 1);
        }
      }
      for (const { at: from, tenantId } of through) {
        const hour = through.filter((one) => one.at >= from && one.at < from + HOUR);
        expect(hour.length).toBeLessThanOrEqual(LIMITS.allPerHour);
        expect(hour.filter((one) => one.tenantId === tenantId).length).toBeLessThanOrEqual(LIMITS.tenantPerHour);
      }
      for (const tenant of ['a', 'b', 'c', 'd']) {
        const ids = through.filter((one) => one.tenantId === tenant).map(({ id }) => id);
        expect(ids).toEqual(ids.toSorted((x, y) => x - y));
      }
    }),
  );
});
