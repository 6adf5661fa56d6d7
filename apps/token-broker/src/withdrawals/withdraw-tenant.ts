import type { TenantValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { StateMessage } from '@relay/state-topic';
import type { CredentialDesk } from '../credentials/credential-desk.js';
import type { Revocable } from '../minting/revoke-request.js';
import type { Vault } from '../persistence/vault.js';
import { closeWithdrawal, openWithdrawal, stopMinting, type Withdrawal } from '../persistence/withdrawal-rows.js';
import type { Connection } from '../credentials/connection.js';

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

/** What is to be revoked of one credential, in the order in which it is done. */
export interface RevokeOrder {
  readonly connection: Connection;
  readonly revocables: readonly Revocable[];
}

/**
 * The end of a tenant's credentials, in two steps: nothing is asked for any more at once; secrets and tokens are destroyed
 * when the tokens have been revoked. Only what was received up to the withdrawal is meant: a registration that came later is
 * the tenant's return, and the table of tenants is read again whenever a shard is taken.
 */
export class WithdrawTenant {
  constructor(
    private readonly vault: Vault,
    private readonly desk: CredentialDesk,
  ) {}

  /** First step. Where there is no token there is nothing to revoke, and the second follows at once. */
  async begin(tx: Tx, tenantId: string, withdrawnAt: number, shard: number, now: number): Promise<StateMessage[]> {
    const { audit, candidates, credentials, grants } = this.vault;
    for (const credentialId of await candidates.removeUpTo(tx, tenantId, withdrawnAt)) {
      // A consent that was never proven; that of a credential is revoked with it.
      if ((await credentials.find(tx, credentialId)) === null) await grants.removeOfCredential(tx, credentialId);
      const detail = { credentialId, stage: 'candidate' };
      await audit.changed(tx, { action: 'secret-destroyed', tenantId, reason: 'withdrawn', detail });
    }
    const credentialIds = await credentials.withdrawable(tx, tenantId, withdrawnAt);
    if (credentialIds.length === 0) return [];
    await stopMinting(tx, credentialIds);
    if (await openWithdrawal(tx, { tenantId, shard, withdrawnAt }, now)) {
      const detail = { credentialIds, withdrawnAt: new Date(withdrawnAt).toISOString() };
      await audit.changed(tx, { action: 'withdrawal-begun', tenantId, reason: 'tenant-withdrawn', detail });
    }
    const orders = await this.toRevoke(tx, tenantId, withdrawnAt, now);
    if (orders.length > 0) return [];
    return this.finish(tx, { tenantId, withdrawnAt }, now);
  }

  /** The tokens that are still good for something. Refresh tokens first: they are worth the most. */
  async toRevoke(tx: Tx, tenantId: string, withdrawnAt: number, now: number): Promise<RevokeOrder[]> {
    const { credentials, grants, tokens } = this.vault;
    const orders: RevokeOrder[] = [];
    for (const credentialId of await credentials.withdrawable(tx, tenantId, withdrawnAt)) {
      const credential = await credentials.find(tx, credentialId);
      if (credential === null) continue;
      const refresh = new Set<string>();
      const access = new Set(await tokens.openAll(tx, credentialId, now));
      for (const { grantId } of await grants.ofCredential(tx, credentialId)) {
        const pair = (await grants.open(tx, grantId))?.pair;
        if (pair === undefined) continue;
        if (pair.refreshToken !== null) refresh.add(pair.refreshToken);
        if (pair.expiresAt > now) access.add(pair.accessToken);
      }
      const revocables: Revocable[] = [
        ...[...refresh].map((token) => ({ token, hint: 'refresh_token' }) as const),
        ...[...access].map((token) => ({ token, hint: 'access_token' }) as const),
      ];
      if (revocables.length > 0) orders.push({ connection: credential.connection, revocables });
    }
    return orders;
  }

  /**
   * True while a refresh token is being spent: what that brings is known to nobody yet, and must be revoked as well.
   * `spendMs`: the longest that it takes from the announcement until it is stored.
   */
  async isSpending(
    tx: Tx,
    { tenantId, withdrawnAt }: Pick<Withdrawal, 'tenantId' | 'withdrawnAt'>,
    spendMs: number,
    now: number,
  ): Promise<boolean> {
    for (const credentialId of await this.vault.credentials.withdrawable(tx, tenantId, withdrawnAt)) {
      const grants = await this.vault.grants.ofCredential(tx, credentialId);
      if (grants.some(({ intent }) => intent !== null && now < intent.at + spendMs)) return true;
    }
    return false;
  }

  /** True when a token is there that the orders do not name: a call that was under way has brought it since. */
  async hasOthers(
    tx: Tx,
    { tenantId, withdrawnAt }: Pick<Withdrawal, 'tenantId' | 'withdrawnAt'>,
    orders: readonly RevokeOrder[],
    now: number,
  ): Promise<boolean> {
    const asked = new Set(tokensOf(orders));
    return tokensOf(await this.toRevoke(tx, tenantId, withdrawnAt, now)).some((token) => !asked.has(token));
  }

  /** Second step: destroys secrets and tokens. Nothing is left to do when somebody else was quicker. */
  async finish(
    tx: Tx,
    { tenantId, withdrawnAt }: Pick<Withdrawal, 'tenantId' | 'withdrawnAt'>,
    now: number,
  ): Promise<StateMessage[]> {
    if (!(await closeWithdrawal(tx, tenantId, withdrawnAt))) return [];
    const messages: StateMessage[] = [];
    for (const credentialId of await this.vault.credentials.withdrawable(tx, tenantId, withdrawnAt)) {
      messages.push(...(await this.desk.withdraw(tx, credentialId, tenantId, now)));
    }
    return messages;
  }
}

function tokensOf(orders: readonly RevokeOrder[]): string[] {
  return orders.flatMap(({ revocables }) => revocables.map(({ token }) => token));
}
