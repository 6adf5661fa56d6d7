import type { PartRef, ResourceSpec } from '../ports/connector.js';
import { refText, type RecordRef } from './model.js';
import { raisedAt, type Raised } from './effects.js';

/** A record with a new version: its old text where the mirror had one, its new one where it is still there. */
export interface ChangedWhole {
  readonly ref: RecordRef;
  readonly oldBody: string | null;
  readonly newBody: string | null;
}

/**
 * The parts of a record that has changed, to be read again: all that it lists, and all that it listed before. The first may
 * have changed without their own time of change, the others may be gone. They were polled for, whatever announced the whole.
 */
export function raisedParts(spec: ResourceSpec, whole: ChangedWhole, now: number): Raised[] {
  const { partsOf } = spec;
  if (partsOf === undefined) return [];
  const parts = new Map<string, PartRef>();
  for (const text of [whole.oldBody, whole.newBody]) {
    if (text === null) continue;
    for (const part of partsOf(text)) parts.set(refText({ tenantId: whole.ref.tenantId, ...part }), part);
  }
  const { tenantId } = whole.ref;
  return [...parts.values()].map((part) => raisedAt(now, { tenantId, ...part }, 'poll'));
}
