import { describe, expect, it } from 'vitest';
import type { Lane } from './lane.js';
import { lanesOfOwner } from './lanes-of-owner.js';

/** A shard's lanes that note how they are looked at. */
class Watched extends Map<string, Lane> {
  walks = 0;

  override [Symbol.iterator]() {
    this.walks += 1;
    return super[Symbol.iterator]();
  }
}

const shardOf = (...ids: string[]) => ({
  lanes: new Watched(ids.map((tenantId) => [tenantId, { tenantId } as unknown as Lane])),
});
const shards = [
  shardOf('provet:vet.example.com:1', 'provet:vet.example.com:12', 'exact:qa:a'),
  shardOf('exact:qa:b', 'exact:production:c', 'provet:vet.example.com:8443:1'),
];
const of = (owner: string) => [...lanesOfOwner(shards, owner)].map(({ tenantId }) => tenantId);

describe('the lanes of a token’s owner', () => {
  it('are its own, found without a walk over those of others', () => {
    expect(of('provet:vet.example.com:1')).toEqual(['provet:vet.example.com:1']);
    expect(of('provet:vet.example.com:3')).toEqual([]);
    expect(shards.map(({ lanes }) => lanes.walks)).toEqual([0, 0]);
  });

  it('are those of the environment, where its practices share a credential', () => {
    expect(of('exact:qa')).toEqual(['exact:qa:a', 'exact:qa:b']);
  });
});
