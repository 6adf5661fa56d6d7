import type { Capabilities } from '@relay/contracts';
import type { Database, Tx } from '@relay/database';
import type { BackoffLimits } from '@relay/http-client';
import { faultPoint, type Log } from '@relay/service-kit';
import type { StateMessage } from '@relay/state-topic';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import type { Candidate } from '../persistence/candidate-rows.js';
import type { DueWork } from '../persistence/due-rows.js';
import type { Vault } from '../persistence/vault.js';
import { SCOPE_REFUSED, askForScopes } from '../exact/ask-for-scopes.js';
import { probeScopes } from '../exact/scope-probe.js';
import type { Outbox } from '../publishing/outbox.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';
import type { GrantRefresher } from '../tokens/grant-refresher.js';
import { TENANT_PER_HOUR, admission } from './admission.js';
import type { CandidateAlarm } from './candidate-alarm.js';
import { candidateVerdict, takesOver, type CandidateTry, type FailedTry } from './candidate-steps.js';
import { isSameConnection, type Connection } from './connection.js';
import type { CredentialDesk } from './credential-desk.js';
import type { RegisterCredential, Registered } from './register-credential.js';
import { tokenForCandidate, type CandidateToken } from './token-for-candidate.js';

/**
 * Nobody sends the integrator's own EXACT client again when it has been put right at the vendor's side, so a rejected one
 * is asked about once an hour.
 */
export const ENVIRONMENT_RETRY_MS = 3_600_000;

export interface ProveOptions {
  readonly database: Database;
  readonly shards: HeldShards;
  readonly vault: Vault;
  readonly desk: CredentialDesk;
  readonly register: RegisterCredential;
  readonly refresher: GrantRefresher;
  readonly outbox: Outbox;
  readonly endpoint: TokenEndpoint;
  readonly backoff: BackoffLimits;
  readonly maxPerHour: number;
  readonly log: Log;
  readonly alarm: CandidateAlarm;
}

type Tried = Exclude<CandidateTry, { kind: 'proved' }> | { readonly kind: 'proved'; readonly token: CandidateToken };

/** Tries a candidate: a token that the vendor hands out, and one harmless read with it, are the proof. */
export class ProveCandidate {
  constructor(private readonly options: ProveOptions) {}

  /** Returns whether the vendor could be reached; null when it was not asked. */
  async run(work: DueWork, held: HeldShard, signal: AbortSignal): Promise<boolean | null> {
    const { database, vault, shards, outbox, log, alarm } = this.options;
    const candidate = await vault.candidates.find(database, work.credentialId);
    if (candidate === null || candidate.dueAt === null) return null;
    const { tenantId } = candidate.connection;
    if (mustBeAdmitted(candidate) && !(await shards.commit(held, (tx) => this.admit(tx, candidate)))) return null;
    await faultPoint('token-broker:before-token');
    const tried = await this.attempt(candidate, held, signal);
    const lacks = await this.lackingScopes(candidate, tried, signal);
    if (signal.aborted) return null;
    const { messages, failed } = await shards.commitFor(held, tenantId, async (tx) => {
      if (lacks !== null) await vault.scopes.note(tx, candidate.connection, held.shard, lacks);
      return this.settle(tx, candidate, tried, held.shard);
    });
    await faultPoint('token-broker:after-proof');
    const { credentialId } = candidate.connection;
    const why = 'detail' in tried ? { detail: tried.detail } : 'code' in tried ? { code: tried.code } : {};
    log[tried.kind === 'proved' ? 'info' : 'warn']({ credentialId, ...why }, `candidate ${tried.kind}`);
    if (failed !== null) alarm.raise(candidate.connection, failed);
    outbox.publish(messages);
    return tried.kind !== 'failed' || tried.isAlive;
  }

  /** Lets a new registration through, or puts it off until its turn may come. */
  private async admit(tx: Tx, candidate: Candidate): Promise<boolean> {
    const { vault, maxPerHour, log } = this.options;
    const { credentialId, tenantId } = candidate.connection;
    const now = Date.now();
    const room = await vault.admissions.room(tx, { credentialId, storedAt: candidate.storedAt }, now);
    const limits = { tenantPerHour: TENANT_PER_HOUR, allPerHour: maxPerHour };
    const answer = admission(room, tenantId, limits, now);
    if (answer.kind === 'wait') {
      await vault.candidates.defer(tx, credentialId, answer.until);
      log.warn({ credentialId, waitMs: answer.until - now }, 'more registrations than are tried in an hour, one waits');
      return false;
    }
    await vault.admissions.add(tx, tenantId, now);
    await vault.candidates.admit(tx, credentialId, now);
    return true;
  }

  private async attempt(candidate: Candidate, held: HeldShard, signal: AbortSignal): Promise<Tried> {
    const { endpoint } = this.options;
    const outcome = await tokenForCandidate(candidate, held, signal, this.options);
    if (outcome.kind !== 'token' || signal.aborted) {
      return outcome.kind === 'token' ? ABORTED : outcome;
    }
    await faultPoint('token-broker:after-token');
    const read = await endpoint.read(candidate.connection, outcome.token.accessToken, signal);
    await faultPoint('token-broker:after-read');
    switch (read.kind) {
      case 'accepted':
        return { kind: 'proved', token: outcome.token };
      case 'refused':
        return { kind: 'token-refused' };
      case 'failed':
        return read;
      default:
        return read satisfies never;
    }
  }

  /** The EXACT client lacks one of the scopes that nothing works without: which, so that somebody can have it granted. */
  private async lackingScopes(
    { connection }: Candidate,
    tried: Tried,
    signal: AbortSignal,
  ): Promise<Capabilities | null> {
    if (connection.source !== 'environment' || tried.kind !== 'rejected' || tried.code !== SCOPE_REFUSED) return null;
    const ask = askForScopes(this.options.endpoint, connection, signal);
    const outcome = await probeScopes(connection.scopes.split(' '), null, ask);
    return outcome.kind === 'found' ? outcome.capabilities : null;
  }

  private async settle(tx: Tx, candidate: Candidate, tried: Tried, shard: number): Promise<Registered> {
    const { vault, backoff, register } = this.options;
    const nothing = { messages: [], failed: null };
    const { credentialId } = candidate.connection;
    const current = await vault.candidates.find(tx, credentialId);
    // Another registration or consent has come in, or the tenant was withdrawn: the answer is about something that is gone.
    if (current === null || current.grantId !== candidate.grantId) return nothing;
    if (!isSameConnection(current.connection, candidate.connection)) return nothing;
    const now = Date.now();
    const { connection, grantId, storedAt, admittedAt } = current;
    await this.told(tx, connection, tried);
    const attempts = current.attempts + 1;
    const verdict = candidateVerdict(
      tried,
      {
        since: admittedAt ?? storedAt,
        attempts,
        wasRefused: current.tokenRefusedAt !== null,
        needsConsent: grantId !== null,
      },
      now,
      backoff,
      Math.random,
    );
    switch (verdict.kind) {
      case 'proven':
        if (tried.kind !== 'proved') throw new Error('only a proof proves');
        return { ...nothing, messages: await this.prove(tx, current, tried.token, shard, now) };
      case 'again':
        await vault.candidates.postpone(tx, credentialId, attempts, verdict.at);
        if (verdict.fresh) await vault.candidates.noteTokenRefused(tx, credentialId, now);
        return nothing;
      case 'await-consent': {
        const messages = await register.awaitConsent(tx, connection, shard, verdict.code, now);
        return { messages, failed: await register.beside(tx, connection, verdict.code) };
      }
      case 'rejected': {
        const messages = await register.reject(tx, connection, shard, verdict.code, now);
        if (connection.source === 'environment') {
          await vault.candidates.put(tx, { ...connection, receivedAt: now }, shard, now + ENVIRONMENT_RETRY_MS);
        }
        return { messages, failed: await register.beside(tx, connection, verdict.code) };
      }
      default:
        return verdict satisfies never;
    }
  }

  /** A try that has asked somebody is a use of the candidate's secret, or of its token. */
  private async told(tx: Tx, { tenantId, credentialId }: Connection, tried: Tried): Promise<void> {
    if (tried.kind === 'wait') return;
    const reason = 'code' in tried ? tried.code : 'detail' in tried ? tried.detail : null;
    const detail = { credentialId, outcome: tried.kind };
    await this.options.vault.audit.used(tx, { action: 'candidate-tried', tenantId, reason, detail });
  }

  private async prove(
    tx: Tx,
    { connection, grantId }: Candidate,
    token: CandidateToken,
    shard: number,
    now: number,
  ): Promise<StateMessage[]> {
    const { vault, desk } = this.options;
    const { credentialId, tenantId, receivedAt, scopes } = connection;
    const old = await vault.credentials.inForce(tx, tenantId);
    // All that was received up to this one has lost, also what is still being tried.
    for (const loser of await vault.candidates.removeUpTo(tx, tenantId, receivedAt)) {
      if (loser === credentialId) continue;
      await vault.grants.removeOfCredential(tx, loser, old?.grantId);
      const detail = { credentialId: loser, by: credentialId };
      await vault.audit.changed(tx, { action: 'secret-destroyed', tenantId, reason: 'overtaken', detail });
    }
    if (!takesOver(connection, old?.connection ?? null)) {
      if (old?.connection.credentialId === credentialId) return [];
      await vault.credentials.put(tx, connection, shard, {
        stage: 'proven',
        inForce: false,
        code: null,
        checkedAt: now,
      });
      return [await desk.replace(tx, connection, now)];
    }
    const others = old === null || old.connection.credentialId === credentialId ? [] : [old.connection];
    const replaced: StateMessage[] = [];
    for (const other of others) replaced.push(await desk.replace(tx, other, now));
    const state = { stage: 'proven', inForce: true, code: null, checkedAt: now } as const;
    await vault.credentials.put(tx, connection, shard, state, grantId);
    await vault.grants.removeOfCredential(tx, credentialId, grantId);
    await desk.retireTokens(tx, credentialId, [scopes], now);
    if (connection.source === 'environment') await vault.scopes.wish(tx, connection, shard, now);
    const mints = (await vault.tokens.find(tx, credentialId, scopes))?.mints ?? [];
    const before = { mints, onDemand: false, refused: false };
    const stored = await desk.storeToken(tx, connection, shard, token, before, token.grantVersion);
    const { expiresAt } = token;
    const credential = await desk.announce(tx, { credentialId, tenantId, expiresAt, ...state }, now);
    await vault.audit.changed(tx, {
      action: 'credential-proven',
      tenantId,
      reason: connection.source,
      detail: { credentialId, replaces: others.map((other) => other.credentialId) },
    });
    // The new one first: at no time does a reader see a tenant with none in force.
    return [stored, credential, ...replaced];
  }
}

/** Whose process stops: nothing is made of it. */
const ABORTED: FailedTry = { kind: 'failed', detail: 'aborted', retryAfterMs: null, isAlive: true };

/** A person's consent came through an invitation, and the EXACT client from our own environment: nobody can flood with those. */
function mustBeAdmitted({ admittedAt, grantId, connection }: Candidate): boolean {
  return admittedAt === null && grantId === null && connection.source !== 'environment';
}
