import type { WithdrawalValue } from '@relay/contracts';

/** A sync takes no longer to remove webhooks than this, or has given up. Counted from the withdrawal. */
export const HOOKS_WAIT_MS = 60_000;

/** What the syncs say of the webhooks of withdrawn tenants. Read whole with every shard, so nothing of it is stored. */
export class HookRemovals {
  private readonly withdrawnAt = new Map<string, number>();

  note(value: WithdrawalValue): void {
    if (value.kind === 'hooks') this.withdrawnAt.set(value.tenantId, Date.parse(value.withdrawnAt));
  }

  /** True when the old token is not needed any more. */
  areDone(tenantId: string, withdrawnAt: number, now: number): boolean {
    return now >= withdrawnAt + HOOKS_WAIT_MS || (this.withdrawnAt.get(tenantId) ?? 0) >= withdrawnAt;
  }
}
