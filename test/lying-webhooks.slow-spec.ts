import { describe, expect, it } from 'vitest';
import { LyingWorld, QUIET } from './support/lying-world.js';

const SEEDS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

describe('a vendor that drops, doubles, delays and reorders its webhooks, in other ways each time', () => {
  for (const seed of SEEDS) {
    it(`is told of as it was, seed ${seed}`, async (context) => {
      const world = await LyingWorld.start(context, seed);
      await world.changeEverything();
      await world.untilTold();
      await world.moreChecks(2);
      expect(world.problems()).toEqual([]);
      expect(world.found().filter(({ checks }) => checks > 1)).toEqual([]);
      for (const id of QUIET) expect(world.missedOf(id)).toEqual([0, 0, 0]);
    });
  }
});
