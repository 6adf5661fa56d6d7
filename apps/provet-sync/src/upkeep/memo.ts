import type { WebhooksStatus } from '@relay/contracts';

/** What is remembered of a tenant between two preparations. Instants in milliseconds. */
export interface UpkeepMemo {
  readonly hooksAgainAt: number;
  readonly noticesFor: readonly string[];
  readonly reason: string | null;
  readonly isForbidden: boolean;
  /** Trigger of each hook that calls us, by the hook's id. */
  readonly ours: Readonly<Record<string, number>>;
  readonly departmentOnly: readonly string[];
  readonly accessAgainAt: number;
  readonly queueAgainAt: number | null;
  readonly queueSeenUpTo: number | null;
  readonly queue: WebhooksStatus['queue'];
}

/** Another release may have remembered something else: then all is looked at anew. */
export function memoOf(memo: unknown): UpkeepMemo | null {
  if (typeof memo !== 'object' || memo === null) return null;
  const { hooksAgainAt, accessAgainAt, noticesFor, ours, departmentOnly } = memo as Partial<UpkeepMemo>;
  const isWhole =
    typeof hooksAgainAt === 'number' &&
    typeof accessAgainAt === 'number' &&
    Array.isArray(noticesFor) &&
    Array.isArray(departmentOnly) &&
    typeof ours === 'object' &&
    ours !== null;
  return isWhole ? (memo as UpkeepMemo) : null;
}
