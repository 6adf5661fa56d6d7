import * as fc from 'fast-check';
import { GrantModel, PATIENCE, turns } from './grant-model.js';

/**
 * With answers that arrive or requests that surely do not, and processes that stand still anywhere but with an answer in
 * hand for longer than the others are patient: no token is spent twice, and the row holds the newest pair at the end.
 */
export function checkNoGrantIsLost(runs: number, compare: boolean): void {
  fc.assert(
    fc.property(
      turns(['fine', 'fine', 'unsent', 'refused-by-vendor'], 120),
      fc.integer({ min: 1, max: 4 }),
      (all, n) => {
        const model = new GrantModel(n, compare);
        for (const turn of all) model.turn(turn);
        settle(model);
        return model.doubleSpends === 0 && model.isFresh && model.row.state.lost === null;
      },
    ),
    { numRuns: runs },
  );
}

/** With answers that may be lost: at most two sends of one token, and in the end a good pair or a consent that has ended. */
export function checkNoLoop(runs: number): void {
  fc.assert(
    fc.property(
      turns(['fine', 'unsent', 'answer-lost', 'refused-by-vendor'], 120),
      fc.integer({ min: 1, max: 4 }),
      (all, n) => {
        const model = new GrantModel(n, true);
        for (const turn of all) model.turn(turn);
        settle(model);
        const mostSends = Math.max(0, ...model.sent.values());
        return mostSends <= 2 && (model.isFresh || model.row.state.lost !== null);
      },
    ),
    { numRuns: runs },
  );
}

/** Everybody gets the time to come to an end, in fine weather. */
function settle(model: GrantModel): void {
  for (let round = 0; round < 64; round++) {
    model.turn({ actor: round, passMs: round % 16 === 15 ? 3 * PATIENCE : 0, weather: 'fine' });
  }
}
