import { randomUUID } from 'node:crypto';
import { partitionOf } from '@relay/contracts';
import type { Tx } from '@relay/database';
import { personActor } from '../audit/audit-trail.js';
import { expiryAt } from '../minting/renewal-time.js';
import type { Vault } from '../persistence/vault.js';
import type { HeldShards } from '../shards/held-shards.js';
import type { Connection } from './connection.js';

/** What a person's consent has brought. */
export interface NewGrant {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** `expires_in` as the vendor gave it. */
  readonly expiresIn: unknown;
  /** As granted; null when the vendor does not say. */
  readonly scope: string | null;
  /** The person, as the vendor names them. */
  readonly consentedBy: string | null;
  /** Digest of the invitation that was followed. */
  readonly inviteSha256?: string;
}

export type Acceptance = 'accepted' | 'unknown-credential' | 'no-secret';

export interface AcceptGrantOptions {
  readonly shards: HeldShards;
  readonly vault: Vault;
  readonly partitions: number;
  readonly kick: () => void;
}

/**
 * Takes in a person's consent, at whichever process the person's browser has reached. It becomes a candidate: the shard's
 * owner proves it and only then lets it take over, so that a consent that is no good leaves a working one alone.
 */
export class AcceptGrant {
  constructor(private readonly options: AcceptGrantOptions) {}

  async accept(credentialId: string, grant: NewGrant): Promise<Acceptance> {
    const { shards, partitions, kick } = this.options;
    // Neither a host nor a number holds a slash; a client id may.
    const tenantId = credentialId.slice(0, credentialId.indexOf('/'));
    const shard = partitionOf(tenantId, partitions);
    const done = await shards.commitBeside(shard, (tx) => this.store(tx, credentialId, grant, shard));
    // If this process does not own the shard, the one that does looks within seconds.
    if (done === 'accepted') kick();
    return done;
  }

  private async store(tx: Tx, credentialId: string, grant: NewGrant, shard: number): Promise<Acceptance> {
    const { vault } = this.options;
    const candidate = await vault.candidates.find(tx, credentialId);
    const tried = await vault.credentials.find(tx, credentialId);
    const connection = candidate?.connection ?? (tried?.inForce ? tried.connection : null);
    if (connection === null || connection.grant !== 'authorization_code') return 'unknown-credential';
    if (lacksSecret(connection)) return 'no-secret';
    const now = Date.now();
    const grantId = randomUUID();
    await vault.grants.removeOfCredential(tx, credentialId, tried?.grantId);
    const { tenantId } = connection;
    const pair = { ...grant, issuedAt: now, expiresAt: expiryAt(now, grant.expiresIn) };
    await vault.grants.put(tx, { grantId, credentialId, tenantId, consentedBy: grant.consentedBy }, pair, now);
    await vault.candidates.put(tx, connection, shard, now, grantId);
    await vault.audit.changed(tx, {
      action: 'consent-given',
      actor: personActor(grant.consentedBy),
      tenantId,
      reason: 'invitation',
      // As the entry of whoever made the invitation names it.
      detail: { credentialId, invite: grant.inviteSha256?.slice(0, 12) ?? null },
    });
    return 'accepted';
  }
}

function lacksSecret({ clientType, secret }: Connection): boolean {
  return clientType === 'confidential' && secret === null;
}
