import type { ModelledResource } from './records/context.js';
import { CONSULTATION_FINALIZED } from './records/consultation.js';
import { INVOICE_DRAFT } from './records/invoice.js';
import type { TwinRecord } from '../json.js';

/** The vendor's triggers are numbered 1–68. The twin fires those of the resources that it models. */
export const LAST_TRIGGER = 68;

export type ChangeKind = 'created' | 'updated' | 'deleted';

/**
 * Which triggers a change fires. There is no trigger for a deleted patient or invoice. `before` is the record as it was:
 * some triggers fire on reaching a status only.
 */
export function triggersFor(
  resource: ModelledResource,
  kind: ChangeKind,
  before: TwinRecord | null,
  after: TwinRecord | null,
): number[] {
  const reached = (status: number): boolean => after?.['status'] === status && before?.['status'] !== status;
  const deleted = kind === 'deleted';
  switch (resource) {
    case 'client':
      return [deleted ? 39 : 1];
    case 'patient':
      return deleted ? [] : [2];
    case 'appointment':
      return [deleted ? 22 : 21];
    case 'consultation':
      if (deleted) return [4];
      return [3, ...(reached(5) ? [17] : []), ...(reached(CONSULTATION_FINALIZED) ? [45] : [])];
    case 'invoice':
      if (deleted) return [];
      return [after?.['status'] === INVOICE_DRAFT ? 10 : 9];
    case 'user':
      return deleted ? [] : [28];
    case 'department':
      return [];
    default:
      return resource satisfies never;
  }
}

/** The only member of a webhook's body that says which record it is about. */
export function bodyMember(resource: ModelledResource): string {
  return `${resource}_id`;
}
