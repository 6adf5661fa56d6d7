import { fileScope } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { LyingWorld, QUIET } from './support/lying-world.js';

const scope = fileScope();

describe('a vendor that drops, doubles, delays and reorders its webhooks', () => {
  let world: LyingWorld;

  beforeAll(async () => {
    world = await LyingWorld.start(scope, 'lying-webhooks');
  });

  it('has every lost one found, counted and published as found by a check, every other as announced', async () => {
    await world.changeEverything();
    await world.untilTold();
    const { fates, tally } = world.sums();
    console.log(JSON.stringify({ fates, tally }));
    expect(fates.dropped).toBeGreaterThan(20);
    expect(fates.late).toBeGreaterThan(10);
    expect(tally).toMatchObject({ dropped: fates.dropped });
  });

  it('waits for none of them longer than one check after its grace', () => {
    expect(world.found().filter(({ checks }) => checks > 1)).toEqual([]);
  });

  it('does not count anything once more when it is checked again', async () => {
    await world.moreChecks(2);
    expect(world.problems()).toEqual([]);
  });

  it('says of practices whose vendor told everything that nothing was missed', () => {
    for (const id of QUIET) expect(world.missedOf(id)).toEqual([0, 0, 0]);
  });
});
