import type { Tx } from '@relay/database';
import type { StateMessage } from '@relay/state-topic';
import type { Vault } from '../persistence/vault.js';
import { registrationStep } from './candidate-steps.js';
import type { Connection } from './connection.js';
import type { CredentialDesk } from './credential-desk.js';

/** What follows from a registration, after the commit. */
export interface Registered {
  readonly messages: StateMessage[];
  /** It has come to nothing beside a credential that goes on being used. */
  readonly failed: { readonly inForce: string; readonly code: string } | null;
}

const NOTHING: Registered = { messages: [], failed: null };

/** Takes a registration into the database. May be given the same one any number of times. */
export class RegisterCredential {
  constructor(
    private readonly vault: Vault,
    private readonly desk: CredentialDesk,
  ) {}

  async run(tx: Tx, received: Connection, shard: number, now: number): Promise<Registered> {
    const { credentialId, receivedAt } = received;
    const candidate = await this.vault.candidates.find(tx, credentialId);
    const tried = await this.vault.credentials.find(tx, credentialId);
    const step = registrationStep(received, { candidate: candidate?.connection ?? null, tried });
    await this.told(tx, received, step.do);
    switch (step.do) {
      case 'ignore':
        return NOTHING;
      case 'note':
        await this.vault.candidates.noteReceived(tx, credentialId, receivedAt);
        if (candidate === null) await this.vault.credentials.noteReceived(tx, credentialId, receivedAt);
        return NOTHING;
      case 'try':
        await this.vault.grants.removeOfCredential(tx, credentialId, tried?.grantId);
        await this.vault.candidates.put(tx, received, shard, now);
        return NOTHING;
      case 'await-consent':
        await this.vault.grants.removeOfCredential(tx, credentialId, tried?.grantId);
        await this.vault.candidates.put(tx, received, shard, null);
        return { messages: await this.announceWaiting(tx, received, null, now), failed: null };
      case 'reject': {
        const messages = await this.reject(tx, received, shard, step.code, now);
        return { messages, failed: await this.beside(tx, received, step.code) };
      }
      default:
        return step satisfies never;
    }
  }

  /** What an operator is told when something fails beside a credential in force; null: there is none. */
  async beside(tx: Tx, { tenantId, credentialId }: Connection, code: string): Promise<Registered['failed']> {
    const working = await this.vault.credentials.inForce(tx, tenantId);
    if (working === null) return null;
    const inForce = working.connection.credentialId;
    const detail = { credentialId, inForce };
    await this.vault.audit.changed(tx, { action: 'rotation-failed', tenantId, reason: code, detail });
    return { inForce, code };
  }

  /**
   * Notes that the vendor, or a rule, rejects it. A credential of the same id that is in force stays as it is: a wrong
   * rotation must not take a working practice down.
   */
  async reject(tx: Tx, received: Connection, shard: number, code: string, now: number): Promise<StateMessage[]> {
    await this.vault.candidates.remove(tx, received.credentialId);
    const tried = await this.vault.credentials.find(tx, received.credentialId);
    await this.vault.grants.removeOfCredential(tx, received.credentialId, tried?.grantId);
    await this.vault.audit.changed(tx, {
      action: 'candidate-rejected',
      tenantId: received.tenantId,
      reason: code,
      detail: { credentialId: received.credentialId },
    });
    if (tried?.inForce) return [];
    const state = { stage: 'rejected', inForce: false, code, checkedAt: now } as const;
    // What was rejected is of no use any more: its secret is not kept.
    await this.vault.credentials.put(tx, { ...received, secret: null }, shard, state);
    const { credentialId, tenantId } = received;
    return [await this.desk.announce(tx, { credentialId, tenantId, expiresAt: null, ...state }, now)];
  }

  /** Lets a candidate wait for a person: the consent it had, if any, has come to nothing. */
  async awaitConsent(tx: Tx, candidate: Connection, shard: number, code: string, now: number): Promise<StateMessage[]> {
    const tried = await this.vault.credentials.find(tx, candidate.credentialId);
    await this.vault.grants.removeOfCredential(tx, candidate.credentialId, tried?.grantId);
    await this.vault.candidates.put(tx, candidate, shard, null);
    const { tenantId, credentialId } = candidate;
    const detail = { credentialId };
    await this.vault.audit.changed(tx, { action: 'candidate-awaits-consent', tenantId, reason: code, detail });
    return this.announceWaiting(tx, candidate, code, now);
  }

  /** A sealed secret has been opened, and what follows from it. Our own client is read at every start: only news are told. */
  private async told(tx: Tx, received: Connection, outcome: string): Promise<void> {
    const { tenantId, credentialId, source, grant } = received;
    const isOurs = source === 'environment';
    if (isOurs && (outcome === 'note' || outcome === 'ignore')) return;
    const action = isOurs ? 'client-configured' : 'registration-opened';
    await this.vault.audit.used(tx, { action, tenantId, reason: source, detail: { credentialId, grant, outcome } });
  }

  private async announceWaiting(
    tx: Tx,
    { credentialId, tenantId }: Connection,
    code: string | null,
    now: number,
  ): Promise<StateMessage[]> {
    if ((await this.vault.credentials.find(tx, credentialId))?.inForce) return [];
    const waiting = { credentialId, tenantId, stage: 'awaiting-consent', inForce: false, code } as const;
    return [await this.desk.announce(tx, { ...waiting, checkedAt: now, expiresAt: null }, now)];
  }
}
