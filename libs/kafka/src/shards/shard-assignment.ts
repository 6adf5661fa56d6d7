/** A member of a sharded group as the leader sees it. */
export interface ShardMember {
  readonly memberId: string;
  /** Shards that it holds now, as it says itself. */
  readonly held: readonly number[];
}

/**
 * Shares out shards 0 … count − 1: who holds a shard keeps it as long as nobody has more than a fair share; the rest goes
 * to the least loaded. The same members give the same result, whoever computes it.
 */
export function assignShards(members: readonly ShardMember[], count: number): Map<string, number[]> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const result = new Map<string, number[]>(sorted.map((member) => [member.memberId, []]));
  if (sorted.length === 0) return result;
  const base = Math.floor(count / sorted.length);
  let roomAbove = count % sorted.length;
  const owner = new Map<number, string>();
  // Members with most shards first: they keep the places above the base share, so fewest shards move.
  const byHeld = [...sorted].sort((a, b) => b.held.length - a.held.length || (a.memberId < b.memberId ? -1 : 1));
  for (const { memberId, held } of byHeld) {
    const mine = result.get(memberId) as number[];
    for (const shard of [...new Set(held)].sort((a, b) => a - b)) {
      if (shard < 0 || shard >= count || owner.has(shard)) continue;
      if (mine.length === base && roomAbove === 0) break;
      if (mine.length > base) break;
      if (mine.length === base) roomAbove--;
      mine.push(shard);
      owner.set(shard, memberId);
    }
  }
  for (let shard = 0; shard < count; shard++) {
    if (owner.has(shard)) continue;
    const [least] = [...result.values()].sort((a, b) => a.length - b.length);
    (least as number[]).push(shard);
  }
  for (const shards of result.values()) shards.sort((a, b) => a - b);
  return result;
}
