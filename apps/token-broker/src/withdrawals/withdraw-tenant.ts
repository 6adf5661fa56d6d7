import type { TenantValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { StateMessage } from '@relay/state-topic';
import type { CredentialDesk } from '../credentials/credential-desk.js';
import type { Vault } from '../persistence/vault.js';

/** Tenants whose secrets must go, with the instant of their withdrawal. */
export function withdrawnAmong(tenants: readonly TenantValue[]): Map<string, number> {
  const withdrawn = new Map<string, number>();
  for (const { tenantId, vendor, state, changedAt } of tenants) {
    // EXACT practices have no credential of their own: the environment's serves them all.
    if (vendor !== 'provet') continue;
    if (state === 'withdrawn' || state === 'purged') withdrawn.set(tenantId, Date.parse(changedAt));
    else withdrawn.delete(tenantId);
  }
  return withdrawn;
}

export class WithdrawTenant {
  constructor(
    private readonly vault: Vault,
    private readonly desk: CredentialDesk,
  ) {}

  /**
   * Destroys secrets and tokens of a tenant. Only what was received up to the withdrawal: a registration that came later
   * is the tenant's return, and the table of tenants is read again whenever a shard is taken.
   */
  async run(tx: Tx, tenantId: string, withdrawnAt: number, now: number): Promise<StateMessage[]> {
    for (const candidate of await this.vault.candidates.removeUpTo(tx, tenantId, withdrawnAt)) {
      await this.vault.grants.removeOfCredential(tx, candidate);
    }
    const messages: StateMessage[] = [];
    for (const credentialId of await this.vault.credentials.withdrawable(tx, tenantId, withdrawnAt)) {
      messages.push(...(await this.desk.withdraw(tx, credentialId, tenantId, now)));
    }
    return messages;
  }
}
