import type { ResourceSpec } from '../ports/connector.js';
import { parseExact, type ExactJson } from './exact-json.js';
import type { Trigger } from './model.js';
import { modifiedOf } from './vendor-time.js';

/** A record that was made and not changed since may show two times that lie this far apart. */
const SAME_MOMENT_MS = 1_000;

/**
 * Which trigger should have announced the state that a record shows: the one of new records while its time of change is still
 * that of its creation, else the one of changes. Null where the connector names none.
 */
export function missedTriggerOf(spec: ResourceSpec, record: ExactJson): Trigger | null {
  const { announcedBy, modifiedMember } = spec;
  if (announcedBy === undefined) return null;
  const created = modifiedOf(record, announcedBy.createdMember);
  const modified = modifiedOf(record, modifiedMember);
  const isNew = created !== null && modified !== null && Math.abs(modified - created) <= SAME_MOMENT_MS;
  return isNew ? announcedBy.created : announcedBy.changed;
}

/** The same of a record's text. */
export function missedTriggerOfText(spec: ResourceSpec, text: string): Trigger | null {
  return spec.announcedBy === undefined ? null : missedTriggerOf(spec, parseExact(text));
}
