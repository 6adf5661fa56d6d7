import type { TenantValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { ConsentRows } from '../persistence/consent-rows.js';

/** Keeps the invitations that the registry publishes beside its tenants. A tenant that is gone has none. */
export class FollowInvites {
  constructor(private readonly rows: ConsentRows) {}

  /** Of one batch of `tenant.v1`, in its order: the last message of a tenant counts. */
  async run(tx: Tx, tenants: readonly TenantValue[], now: number): Promise<void> {
    const newest = new Map(tenants.filter(({ vendor }) => vendor === 'provet').map((one) => [one.tenantId, one]));
    if (newest.size === 0) return;
    const present = [...newest.values()].map(({ tenantId, state, invites }) => {
      const isGone = state === 'withdrawn' || state === 'purged';
      return { tenantId, invites: isGone ? [] : (invites ?? []) };
    });
    await this.rows.follow(tx, present, now);
  }
}
