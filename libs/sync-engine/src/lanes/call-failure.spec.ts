import { provetTenant } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ENGINE_RULES } from '../core/engine-rules.js';
import type { CallFailure } from '../ports/call-outcomes.js';
import { takeFailure } from './call-failure.js';
import { Lane } from './lane.js';
import type { LaneProcess, LaneShard } from './lane-ports.js';

const NOW = 1_795_000_000_000;
const BACKOFF = { minMs: 1_000, maxMs: 20_000 };

/** A lane with only that much around it as is touched when a call has failed. */
function laneOf(): Lane {
  const shard = {
    signal: new AbortController().signal,
    saveLane: () => undefined,
    touched: () => undefined,
  } satisfies Partial<LaneShard>;
  const process = {
    connector: {} as LaneProcess['connector'],
    rules: ENGINE_RULES,
    backoff: BACKOFF,
    now: () => NOW,
    random: () => 0.5,
  } satisfies Partial<LaneProcess>;
  return new Lane(provetTenant(), shard as unknown as LaneShard, process as unknown as LaneProcess, () =>
    Promise.resolve(),
  );
}

function blockAfter(lane: Lane, failure: CallFailure) {
  expect(takeFailure(lane, failure, { spec: null, work: 'live', entry: null })).toBe('held');
  return lane.state.block;
}

describe('a refused token', () => {
  it('holds the tenant back until there is a newer one', () => {
    const lane = laneOf();
    lane.tokenChanged(5);
    expect(blockAfter(lane, { kind: 'unauthorized', tokenVersion: 5 })).toMatchObject({ kind: 'unauthorized' });
    lane.tokenChanged(6);
    expect(lane.state.block).toBeNull();
  });

  it('holds nobody back when it has been replaced before the refusal came', () => {
    const lane = laneOf();
    lane.tokenChanged(6);
    expect(blockAfter(lane, { kind: 'unauthorized', tokenVersion: 5 })).toBeNull();
  });
});

describe('consent in doubt', () => {
  it.each([
    [true, 'subscription-doubtful'],
    [false, 'not-listed'],
  ] as const)('says whether the list still names the practice (%s)', (listed, kind) => {
    const block = blockAfter(laneOf(), { kind: 'subscription-doubtful', listed });
    expect(block).toMatchObject({ kind, until: NOW + BACKOFF.maxMs });
  });
});
