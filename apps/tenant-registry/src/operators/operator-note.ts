import type { Note } from '../changes/change-set.js';
import type { Operator } from './operator-tokens.js';

/** What an operator did, for the audit trail. */
export function noteOf(operator: Operator, action: string, reason: string | null): Note {
  return { actor: `operator:${operator.name}`, action, reason };
}
