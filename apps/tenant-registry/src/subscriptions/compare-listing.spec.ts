import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type LifeEvent } from '../lifecycle/advance.js';
import { newLife } from '../lifecycle/life.js';
import { compareListing, lossLimit, type KnownPractice } from './compare-listing.js';

const at = '2026-01-01T00:00:00.000Z';

function practice(practiceId: string, kind: 'active' | 'missing' | 'withdrawn' = 'active'): KnownPractice {
  let life = newLife('exact', at);
  const events = { active: 0, missing: 1, withdrawn: 2 }[kind];
  const missing: LifeEvent = { kind: 'missing' };
  const read: LifeEvent = { kind: 'details-read', observedAt: at, tooOld: false };
  for (const event of [read, missing, missing].slice(0, 1 + events)) {
    const next = advance(life, event, at);
    if (next.ok) life = next.life;
  }
  return { tenantId: `exact:qa:${practiceId}`, practiceId, life };
}
const many = (count: number): KnownPractice[] => Array.from({ length: count }, (_, i) => practice(`P${i}`));
const ids = (list: readonly KnownPractice[]): string[] => list.map((one) => one.practiceId);

describe('compareListing', () => {
  it('takes in new practices and notes the missing ones', () => {
    const verdict = compareListing([practice('A'), practice('B'), practice('C', 'missing')], ['A', 'N']);
    expect(verdict).toMatchObject({ kind: 'normal', joined: ['N'] });
    expect(verdict.kind === 'normal' && [ids(verdict.named), ids(verdict.missing)]).toEqual([['A'], ['B', 'C']]);
  });

  it('names a withdrawn practice that is listed again, and never misses one that is gone', () => {
    const verdict = compareListing([practice('A'), practice('W', 'withdrawn'), practice('X', 'withdrawn')], ['A', 'W']);
    expect(verdict.kind === 'normal' && ids(verdict.named)).toEqual(['A', 'W']);
    expect(verdict.kind === 'normal' && ids(verdict.missing)).toEqual([]);
  });

  it('lets two leave at once, and holds at three', () => {
    expect(compareListing(many(5), ['P0', 'P1', 'P2']).kind).toBe('normal');
    expect(compareListing(many(5), ['P0', 'P1']).kind).toBe('mass-loss');
  });

  it('lets a tenth of the active ones leave, and holds above', () => {
    const listed = (missing: number): string[] => ids(many(50)).slice(missing);
    expect(compareListing(many(50), listed(5)).kind).toBe('normal');
    expect(compareListing(many(50), listed(6)).kind).toBe('mass-loss');
  });

  it('holds an empty list even for one practice, but not where nobody is left to lose', () => {
    expect(compareListing([practice('A')], []).kind).toBe('mass-loss');
    expect(compareListing([], []).kind).toBe('normal');
    expect(compareListing([practice('A', 'missing')], []).kind).toBe('normal');
  });

  it('does not count those that were missing before', () => {
    const known = [...many(3), practice('X', 'missing'), practice('Y', 'missing'), practice('Z', 'missing')];
    expect(compareListing(known, ['P0', 'P1']).kind).toBe('normal');
  });

  it('never lets more than the limit change at once', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.array(fc.nat(70), { maxLength: 80 }), (count, listed) => {
        const verdict = compareListing(
          many(count),
          listed.map((n) => `P${n}`),
        );
        const changing = verdict.kind === 'normal' ? verdict.missing.length : 0;
        expect(changing).toBeLessThanOrEqual(lossLimit(count));
        const held = verdict.kind === 'mass-loss' ? verdict.lost.length : Infinity;
        expect(held).toBeGreaterThan(listed.length === 0 ? 0 : lossLimit(count));
      }),
    );
  });
});
