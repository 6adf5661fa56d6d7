import type { ResourceSpec } from '../ports/connector.js';
import { raisedAt, type Raised } from './effects.js';
import type { MirrorRow } from './model.js';
import type { ChangedWhole } from './parts.js';

/** True: this text is of a record that has become part of another one. It has gone, although it can still be read. */
export function isAlias({ merges }: ResourceSpec, text: string): boolean {
  return merges?.isAlias(text) ?? false;
}

/** True: a list shows a record in the very form in which it was found to be an alias. */
export function isKnownAlias(row: MirrorRow | null, listHash: string): boolean {
  return row !== null && row.deleted && row.listHash === listHash;
}

/**
 * The records that have become part of this one since its last version: each is asked for, and what the answer says of it is
 * judged like any other absence. Nobody announces them. Those that it listed before were asked for then.
 */
export function raisedAliases({ merges }: ResourceSpec, whole: ChangedWhole, now: number): Raised[] {
  if (merges === undefined || whole.newBody === null) return [];
  const before = new Set(whole.oldBody === null ? [] : merges.aliasesOf(whole.oldBody));
  const added = new Set(merges.aliasesOf(whole.newBody).filter((id) => !before.has(id) && id !== whole.ref.recordId));
  const { tenantId, resource } = whole.ref;
  return [...added].map((recordId) => raisedAt(now, { tenantId, resource, recordId }, 'poll'));
}
