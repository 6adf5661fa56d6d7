import type { TenantState } from '@relay/contracts';

/**
 * Which states may follow which (contract §4). `suspended` may follow itself with another reason. From `suspended` back to
 * `pending` goes only a registration or subscription that returns, and a resume of a tenant that was suspended before its
 * credential or its details were proven.
 */
export const NEXT_STATES: Readonly<Record<TenantState, readonly TenantState[]>> = {
  pending: ['active', 'awaiting-consent', 'suspended', 'withdrawn'],
  active: ['suspended', 'awaiting-consent', 'withdrawn'],
  'awaiting-consent': ['active', 'withdrawn'],
  suspended: ['suspended', 'pending', 'active', 'awaiting-consent', 'withdrawn'],
  withdrawn: ['pending', 'purged'],
  purged: ['pending'],
};

export function isLegalEdge(from: TenantState, to: TenantState): boolean {
  return from === to || NEXT_STATES[from].includes(to);
}
