import type { Effects, MirrorView } from './effects.js';
import { wantedFamilies } from './families.js';
import { raisedAliases } from './merges.js';
import type { PlanContext } from './plan-context.js';
import { raisedParts, type ChangedWhole } from './parts.js';

/** What else has to be read because a record has a new version after its first reading, or is gone. */
export function addConsequences(effects: Effects, whole: ChangedWhole, view: MirrorView, context: PlanContext): void {
  const { spec, now } = context;
  effects.raised.push(...raisedParts(spec, whole, now), ...raisedAliases(spec, whole, now));
  effects.wanted.push(...wantedFamilies(spec, whole, view, context));
}
