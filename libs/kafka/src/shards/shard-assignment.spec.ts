import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignShards, type ShardMember } from './shard-assignment.js';

const members = fc.uniqueArray(
  fc.record({ memberId: fc.string({ minLength: 1, maxLength: 3 }), held: fc.array(fc.integer({ min: -1, max: 14 })) }),
  { selector: (member) => member.memberId, minLength: 1, maxLength: 6 },
);

describe('assignShards', () => {
  it('gives every shard to one member, fairly, the same for any order of members', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 12 }), (group, count) => {
        const result = assignShards(group, count);
        expect([...result.values()].flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
        const sizes = [...result.values()].map((shards) => shards.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(assignShards([...group].reverse(), count)).toEqual(result);
      }),
    );
  });

  it('moves nothing when nothing has changed, and only what must move when a member joins or leaves', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 24 }),
        fc.boolean(),
        (size, count, joins) => {
          const fresh = Array.from({ length: size }, (_, i) => ({ memberId: `m${i}`, held: [] as number[] }));
          const first = assignShards(fresh, count);
          const settled: ShardMember[] = fresh.map(({ memberId }) => ({ memberId, held: first.get(memberId) ?? [] }));
          expect(assignShards(settled, count)).toEqual(first);
          const changed = joins || size === 1 ? [...settled, { memberId: 'new', held: [] }] : settled.slice(1);
          const second = assignShards(changed, count);
          const share = Math.ceil(count / changed.length);
          for (const { memberId, held } of settled) {
            const now = second.get(memberId);
            if (now === undefined) continue;
            const kept = held.filter((shard) => now.includes(shard)).length;
            expect(kept).toBeGreaterThanOrEqual(Math.min(held.length, Math.floor(count / changed.length)));
            expect(now.length).toBeLessThanOrEqual(share);
          }
        },
      ),
    );
  });

  it('believes the fuller one of two members that claim the same shards', () => {
    const claims = [
      { memberId: 'zombie', held: [0] },
      { memberId: 'heir', held: [0, 1] },
    ];
    expect(assignShards(claims, 4).get('heir')).toContain(0);
  });
});
