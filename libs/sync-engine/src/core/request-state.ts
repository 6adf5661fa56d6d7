import type { LastingRequestKind } from '@relay/contracts';

/** A request that goes on for a while: plain data, as it stands in its row. */
export interface RequestState {
  readonly kind: LastingRequestKind;
  readonly resources: readonly string[];
  /** null = all that the mirror knows. */
  readonly recordIds: readonly string[] | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly at: number;
  /** The last record that was asked for, or sent; null at the start. */
  readonly after: { readonly resource: string; readonly recordId: string } | null;
  /** Records asked for, or sent, so far; resources to be compared. */
  readonly asked: number;
  /** Everything that is meant has been. */
  readonly walked: boolean;
}
