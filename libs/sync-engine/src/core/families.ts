import type { ResourceSpec } from '../ports/connector.js';
import { raisedAt, type MirrorView, type Raised } from './effects.js';
import type { EngineRules } from './engine-rules.js';
import type { RecordRef, ResourceFacts } from './model.js';
import type { ChangedWhole } from './parts.js';

/**
 * The place of a family in the pending set: a row of the parts' resource, so that the parts' own permission and budget decide
 * when it is read. No record has such an id: none may have a space or a slash in it.
 */
export function familyRef(whole: RecordRef, resource: string): RecordRef {
  return { tenantId: whole.tenantId, resource, recordId: `parts of/${whole.recordId}` };
}

/**
 * The families of a record that has changed, to be read by its id from their beginning, whatever was being read of them. Those
 * of one that is gone are looked up in the mirror alone, so an ignored filter is no reason to leave them.
 */
export function wantedFamilies(
  spec: ResourceSpec,
  whole: ChangedWhole,
  view: Pick<MirrorView, 'facts'>,
  { now, rules }: { readonly now: number; readonly rules: EngineRules },
): Raised[] {
  const gone = whole.newBody === null;
  return (spec.families ?? []).flatMap((resource) => {
    const facts = view.facts(whole.ref.tenantId, resource);
    // What was never read because it is forbidden has no parts here, and its first reading brings them all.
    if (facts.forbiddenUntil !== null && facts.liveAt === null) return [];
    if (!gone && isFilterIgnored(facts, now, rules)) return [];
    const family = { wholeId: whole.ref.recordId, gone, position: null, seq: null, met: [] };
    return [raisedAt(now, familyRef(whole.ref, resource), 'poll', { detail: { family } })];
  });
}

/** The vendor was seen to ignore the filter lately: its sweeps read these parts. Tried again after a time. */
export function isFilterIgnored({ familyIgnoredAt }: ResourceFacts, now: number, rules: EngineRules): boolean {
  return typeof familyIgnoredAt === 'number' && now - familyIgnoredAt < rules.relearnMs;
}
