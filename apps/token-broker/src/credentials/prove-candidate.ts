import type { Database, Tx } from '@relay/database';
import type { BackoffLimits } from '@relay/http-client';
import { faultPoint, type Log } from '@relay/service-kit';
import type { StateMessage } from '@relay/state-topic';
import type { TokenAnswer } from '../minting/token-answer.js';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import type { Candidate } from '../persistence/candidate-rows.js';
import type { DueWork } from '../persistence/due-rows.js';
import type { Vault } from '../persistence/vault.js';
import type { Outbox } from '../publishing/outbox.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';
import { candidateVerdict, takesOver } from './candidate-steps.js';
import { isSameConnection, type Connection } from './connection.js';
import type { CredentialDesk } from './credential-desk.js';
import type { RegisterCredential } from './register-credential.js';

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
  readonly outbox: Outbox;
  readonly endpoint: TokenEndpoint;
  readonly backoff: BackoffLimits;
  readonly log: Log;
}

/** Tries a candidate: a token that the vendor hands out is the proof. */
export class ProveCandidate {
  constructor(private readonly options: ProveOptions) {}

  async run(work: DueWork, held: HeldShard, signal: AbortSignal): Promise<void> {
    const { database, vault, endpoint, shards, outbox, log } = this.options;
    const candidate = await vault.candidates.find(database, work.credentialId);
    if (candidate === null || candidate.dueAt === null) return;
    const answer = await endpoint.ask(candidate.connection, signal);
    if (signal.aborted) return;
    await faultPoint('token-broker:after-token');
    const messages = await shards.commit(held, (tx) => this.settle(tx, candidate, answer, held.shard));
    const { kind } = answer;
    const why = kind === 'failed' ? { detail: answer.detail } : kind === 'rejected' ? { code: answer.code } : {};
    log[kind === 'granted' ? 'info' : 'warn']({ credentialId: work.credentialId, ...why }, `candidate ${kind}`);
    outbox.publish(messages);
  }

  private async settle(tx: Tx, tried: Candidate, answer: TokenAnswer, shard: number): Promise<StateMessage[]> {
    const { vault, backoff, register } = this.options;
    const { credentialId } = tried.connection;
    const current = await vault.candidates.find(tx, credentialId);
    // Another registration has come in, or the tenant was withdrawn: the answer is about something that is gone.
    if (current === null || !isSameConnection(current.connection, tried.connection)) return [];
    const now = Date.now();
    const attempts = current.attempts + 1;
    const { connection } = current;
    const { receivedAt } = connection;
    const verdict = candidateVerdict(answer, { receivedAt, attempts }, now, backoff, Math.random);
    switch (verdict.kind) {
      case 'proven':
        return this.prove(tx, connection, verdict.granted, shard, now);
      case 'again':
        await vault.candidates.postpone(tx, credentialId, attempts, verdict.at);
        return [];
      case 'rejected': {
        const messages = await register.reject(tx, connection, shard, verdict.code, now);
        if (connection.source === 'environment') {
          await vault.candidates.put(tx, { ...connection, receivedAt: now }, shard, now + ENVIRONMENT_RETRY_MS);
        }
        return messages;
      }
      default:
        return verdict satisfies never;
    }
  }

  private async prove(
    tx: Tx,
    connection: Connection,
    granted: Extract<TokenAnswer, { kind: 'granted' }>,
    shard: number,
    now: number,
  ): Promise<StateMessage[]> {
    const { vault, desk } = this.options;
    const { credentialId, tenantId, receivedAt, scopes } = connection;
    const old = await vault.credentials.inForce(tx, tenantId);
    // All that was received up to this one has lost, also what is still being tried.
    await vault.candidates.removeUpTo(tx, tenantId, receivedAt);
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
    await vault.credentials.put(tx, connection, shard, state);
    await desk.retireTokens(tx, credentialId, scopes, now);
    const mints = (await vault.tokens.find(tx, credentialId, scopes))?.mints ?? [];
    const before = { mints, onDemand: false, refused: false };
    const token = await desk.storeToken(tx, connection, shard, granted, before);
    const { expiresAt } = granted;
    const credential = await desk.announce(tx, { credentialId, tenantId, expiresAt, ...state }, now);
    // The new one first: at no time does a reader see a tenant with none in force.
    return [token, credential, ...replaced];
  }
}
