import { resourceAllowed, resourceAnswered, takeFailure } from '../lanes/call-failure.js';
import type { CallSlot } from '../lanes/call-slots.js';
import type { Lane } from '../lanes/lane.js';
import type { PageWork } from '../lanes/lane-work.js';

/**
 * A resource that was forbidden before it was ever read is only asked for, not read: what is permitted to all tenants at once
 * must not have all of them begin at once.
 */
export function mustAskFirst(lane: Lane, { spec }: PageWork): boolean {
  const { forbiddenUntil, liveAt } = lane.facts(spec.name);
  return forbiddenUntil !== null && liveAt === null && lane.process.connector.confirmList !== undefined;
}

/** Asks its list for as little as possible. Where that is answered, its first reading stands in line. */
export async function askWhetherPermitted(lane: Lane, work: PageWork, slot: CallSlot, probing: boolean): Promise<void> {
  const { spec } = work;
  const asked = lane.process.connector.confirmList?.(lane.callContext(work.work, probing), spec);
  if (asked === undefined) return;
  const outcome = await slot.during(asked);
  lane.process.called('list', outcome.kind, outcome.tookMs / 1000);
  if (outcome.kind === 'listed') resourceAnswered(lane, spec, outcome.tookMs);
  // Something is wrong with it, but it is not refused: its reading finds out, in its turn.
  else if (outcome.kind === 'not-found' || outcome.kind === 'record-fault') resourceAllowed(lane, spec.name);
  else takeFailure(lane, outcome, { spec, work: work.work, entry: null });
}
