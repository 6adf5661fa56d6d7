import type { PartRef, ResourceSpec } from '../ports/connector.js';
import { refText, type RecordRef } from './model.js';
import type { Raised } from './effects.js';

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
  return [...parts.values()].map(({ resource, recordId }) => ({
    tenantId: whole.ref.tenantId,
    resource,
    recordId,
    cause: 'poll',
    trigger: null,
    deleteTrigger: false,
    firstNoticeAt: null,
    lastNoticeAt: null,
    notices: 0,
    attempts: 0,
    nextAttemptAt: now,
    parked: false,
    pass: null,
    runId: null,
    detail: {},
  }));
}
