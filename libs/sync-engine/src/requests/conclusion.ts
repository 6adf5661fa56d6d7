import type { VerifyOutcome } from '@relay/contracts';
import type { Asked } from '../core/model.js';

/** The end of an operator's question about one record. */
export interface Conclusion {
  readonly tenantId: string;
  readonly resource: string;
  readonly recordId: string;
  readonly asked: Asked;
  readonly outcome: VerifyOutcome;
  readonly since: number | null;
  readonly detail: string | null;
}
