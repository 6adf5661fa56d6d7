import { parseTenantId } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { StateMessage } from '@relay/state-topic';
import { mintsAfter } from '../minting/minting-limits.js';
import { renewalAt } from '../minting/renewal-time.js';
import type { TokenAnswer } from '../minting/token-answer.js';
import type { Vault } from '../persistence/vault.js';
import { credentialValueOf, type PublishedCredential } from '../publishing/credential-value.js';
import { tokenKey, type Outbox } from '../publishing/outbox.js';
import type { TokenSealer } from '../publishing/token-sealer.js';
import { dueAt } from '../tokens/token-plan.js';
import type { Connection } from './connection.js';

/**
 * A replaced credential's token stays readable this long: the syncs use it until the registry has told them of the new
 * credential. Not longer than it lives, either.
 */
const RETIRE_AFTER_MS = 10 * 60_000;

type Granted = Pick<Extract<TokenAnswer, { kind: 'granted' }>, 'accessToken' | 'issuedAt' | 'expiresAt'>;

export interface DeskOptions {
  readonly vault: Vault;
  readonly outbox: Outbox;
  readonly sealer: TokenSealer;
  readonly random?: () => number;
}

/** What changes about credentials and tokens belong together in one transaction. Returns what to publish after it. */
export class CredentialDesk {
  constructor(private readonly options: DeskOptions) {}

  /** Stores a fresh token and writes it out. `onDemand`: it was minted because the last one was refused. */
  async storeToken(
    tx: Tx,
    connection: Connection,
    shard: number,
    granted: Granted,
    before: { readonly mints: readonly number[]; readonly onDemand: boolean; readonly refused: boolean },
    grantVersion: number | null = null,
  ): Promise<StateMessage> {
    const { vault, outbox, sealer, random = Math.random } = this.options;
    const { credentialId, scopes, tenantId } = connection;
    const { issuedAt, expiresAt } = granted;
    const key = tokenKey(credentialId, scopes);
    const version = await outbox.nextTokenVersion(tx, key, issuedAt);
    const state = {
      renewAt: renewalAt(issuedAt, expiresAt, random()),
      mints: before.onDemand ? mintsAfter(before.mints, issuedAt) : before.mints,
      refused: before.refused,
    };
    const due = dueAt({ ...state, invalid: false, retryAt: null, retireAt: null }, issuedAt);
    const token = { credentialId, scopes, tenantId, version, accessToken: granted.accessToken, issuedAt, expiresAt };
    await vault.tokens.put(tx, { ...token, ...state, grantVersion }, shard, due);
    return outbox.putToken(tx, { key, tenantId }, await sealer.seal(connection, granted, version));
  }

  /**
   * Publishes a token once more, sealed to the first key as it is now. Under a new version, since the seal is bound to it.
   * Null: there is nothing to seal any more.
   */
  async sealAnew(
    tx: Tx,
    credentialId: string,
    scopes: string,
    tenantId: string,
    now: number,
  ): Promise<StateMessage | null> {
    const { vault, outbox, sealer } = this.options;
    const token = await vault.tokens.find(tx, credentialId, scopes);
    const accessToken = token === null ? null : await vault.tokens.open(tx, credentialId, scopes);
    if (token === null || accessToken === null) return null;
    const tenant = parseTenantId(tenantId);
    const connection = { credentialId, tenantId, scopes, host: tenant?.vendor === 'provet' ? tenant.host : null };
    const key = tokenKey(credentialId, scopes);
    const version = await outbox.nextTokenVersion(tx, key, now);
    await vault.tokens.setVersion(tx, credentialId, scopes, version);
    const value = await sealer.seal(connection, { accessToken, expiresAt: token.expiresAt }, version);
    return outbox.putToken(tx, { key, tenantId }, value);
  }

  /** Writes out how a credential stands. */
  async announce(tx: Tx, credential: PublishedCredential, now: number): Promise<StateMessage> {
    const { outbox, vault } = this.options;
    const row = { key: credential.credentialId, tenantId: credential.tenantId };
    const notes = await vault.credentials.notes(tx, credential.credentialId);
    return outbox.putCredential(tx, row, now, (version) => credentialValueOf(credential, notes, version));
  }

  /** Takes a credential out of force: its secret is destroyed now, its tokens follow when nobody uses them any more. */
  async replace(tx: Tx, old: Connection, now: number): Promise<StateMessage> {
    const { vault } = this.options;
    await vault.credentials.destroy(tx, old.credentialId, 'replaced', 'replaced', now);
    await vault.grants.removeOfCredential(tx, old.credentialId);
    await this.retireTokens(tx, old.credentialId, [], now);
    await this.destroyed(tx, old, 'replaced');
    return this.announce(tx, gone(old, 'replaced', now), now);
  }

  /** Lets go of a credential's tokens, but for those of the scope sets that are still wanted. */
  async retireTokens(tx: Tx, credentialId: string, kept: readonly string[], now: number): Promise<void> {
    for (const token of await this.options.vault.tokens.ofCredential(tx, credentialId)) {
      if (kept.includes(token.scopes) || token.retireAt !== null) continue;
      const retireAt = Math.min(token.expiresAt, now + RETIRE_AFTER_MS);
      await this.options.vault.tokens.setState(tx, token, { retireAt }, retireAt);
    }
  }

  /** Destroys a credential of a withdrawn tenant: secret and tokens at once. */
  async withdraw(tx: Tx, credentialId: string, tenantId: string, now: number): Promise<StateMessage[]> {
    const { vault } = this.options;
    await vault.credentials.destroy(tx, credentialId, 'withdrawn', 'withdrawn', now);
    await vault.grants.removeOfCredential(tx, credentialId);
    await this.destroyed(tx, { credentialId, tenantId }, 'withdrawn');
    const messages: StateMessage[] = [];
    for (const token of await vault.tokens.ofCredential(tx, credentialId)) {
      messages.push(await this.dropToken(tx, token, now));
    }
    messages.push(await this.announce(tx, gone({ credentialId, tenantId }, 'withdrawn', now), now));
    return messages;
  }

  private destroyed(
    tx: Tx,
    { credentialId, tenantId }: Pick<Connection, 'credentialId' | 'tenantId'>,
    reason: 'replaced' | 'withdrawn',
  ): Promise<void> {
    const detail = { credentialId };
    return this.options.vault.audit.changed(tx, { action: 'secret-destroyed', tenantId, reason, detail });
  }

  async dropToken(
    tx: Tx,
    token: { readonly credentialId: string; readonly scopes: string; readonly tenantId: string },
    now: number,
  ): Promise<StateMessage> {
    const { credentialId, scopes, tenantId } = token;
    await this.options.vault.tokens.remove(tx, credentialId, scopes);
    return this.options.outbox.dropToken(tx, { key: tokenKey(credentialId, scopes), tenantId }, now);
  }
}

function gone(
  { credentialId, tenantId }: Pick<Connection, 'credentialId' | 'tenantId'>,
  stage: 'replaced' | 'withdrawn',
  checkedAt: number,
): PublishedCredential {
  return { credentialId, tenantId, stage, inForce: false, code: stage, checkedAt, expiresAt: null };
}
