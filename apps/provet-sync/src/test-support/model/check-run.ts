import type { Evidence, Violation } from './evidence.js';
import { readLog } from './log-versions.js';
import { checkCounts } from './check-counts.js';
import { checkFinds } from './check-finds.js';
import { checkMissed } from './check-missed.js';
import { checkReports } from './check-reports.js';
import { checkOrder } from './check-order.js';
import { checkTails } from './check-tails.js';

/** Says what is wrong with a run, from what outsiders can see of it and from the truth at the vendor. Empty: nothing. */
export function checkRun(evidence: Evidence): Violation[] {
  const versions = readLog(evidence);
  return [
    ...checkTails(evidence),
    ...checkOrder(evidence, versions),
    ...checkFinds(evidence, versions),
    ...checkMissed(evidence, versions),
    ...checkReports(evidence),
    ...checkCounts(evidence),
  ];
}
