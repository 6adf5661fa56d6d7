import type { TwinRecord } from '../json.js';
import { CONSULTATION_FINALIZED } from './records/consultation.js';
import { INVOICE_DRAFT } from './records/invoice.js';
import type { ProvetResource } from './resource.js';

/** The vendor's triggers are numbered 1–68. */
export const LAST_TRIGGER = 68;

export type ChangeKind = 'created' | 'updated' | 'deleted';

/** A consultation that has reached this status waits for discharge. */
const READY_FOR_DISCHARGE = 5;

/**
 * Which triggers a change fires. There is no trigger for a deleted patient or invoice. `before` is the record as it was:
 * some triggers fire on reaching a status only.
 */
export function triggersFor(
  resource: ProvetResource,
  kind: ChangeKind,
  before: TwinRecord | null,
  after: TwinRecord | null,
): number[] {
  const reached = (status: number): boolean => after?.['status'] === status && before?.['status'] !== status;
  const fired = resource.fires[kind];
  const usual = fired === null ? [] : [fired];
  if (kind === 'deleted') return usual;
  switch (resource.name) {
    case 'consultation':
      return [
        ...usual,
        ...(reached(READY_FOR_DISCHARGE) ? [17] : []),
        ...(reached(CONSULTATION_FINALIZED) ? [45] : []),
      ];
    case 'invoice':
      return after?.['status'] === INVOICE_DRAFT ? [10] : usual;
    default:
      return usual;
  }
}
