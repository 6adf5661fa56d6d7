import type { WorkClass } from '../ports/connector.js';
import { WORK_CLASSES, WORK_SHARES } from './work-shares.js';

/** Every share is a whole number of these. */
const CYCLE = 20;

/** Who leads in each turn of a cycle: each class as often as its share says, as evenly as it can be. */
const LEADS: readonly WorkClass[] = leadsOfCycle();

const ORDERS: ReadonlyMap<WorkClass, readonly WorkClass[]> = new Map(
  WORK_CLASSES.map((lead) => [lead, [lead, ...WORK_CLASSES.filter((work) => work !== lead)]]),
);

/**
 * In which order a lane's turn looks for something to do. Where nothing else limits it (no budget, or one larger than what the
 * practice's server can answer), urgency alone would leave the rest undone for as long as notices pour in. A turn whose leader
 * has nothing to do is the most urgent work's.
 */
export function turnOrder(turn: number): readonly WorkClass[] {
  return ORDERS.get(LEADS[turn % CYCLE] as WorkClass) as readonly WorkClass[];
}

function leadsOfCycle(): WorkClass[] {
  const owed = new Map<WorkClass, number>(WORK_CLASSES.map((work) => [work, 0]));
  return Array.from({ length: CYCLE }, () => {
    for (const work of WORK_CLASSES) owed.set(work, (owed.get(work) as number) + WORK_SHARES[work] * CYCLE);
    const lead = WORK_CLASSES.reduce((most, work) =>
      (owed.get(work) as number) > (owed.get(most) as number) ? work : most,
    );
    owed.set(lead, (owed.get(lead) as number) - CYCLE);
    return lead;
  });
}
