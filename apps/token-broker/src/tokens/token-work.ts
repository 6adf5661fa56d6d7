import type { Database, Tx } from '@relay/database';
import type { BackoffLimits } from '@relay/http-client';
import { faultPoint, type Log } from '@relay/service-kit';
import type { StateMessage } from '@relay/state-topic';
import { pause } from '../credentials/candidate-steps.js';
import type { Connection } from '../credentials/connection.js';
import type { CredentialDesk } from '../credentials/credential-desk.js';
import { ENVIRONMENT_RETRY_MS } from '../credentials/prove-candidate.js';
import { hourlyLimitEndsAt, mintsAfter } from '../minting/minting-limits.js';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import { SCOPE_REFUSED } from '../exact/ask-for-scopes.js';
import type { DueWork } from '../persistence/due-rows.js';
import type { TokenPair } from '../persistence/refresh-grant-rows.js';
import type { StoredToken } from '../persistence/token-rows.js';
import type { Vault } from '../persistence/vault.js';
import type { Outbox } from '../publishing/outbox.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';
import type { GrantRefresher, RefreshOutcome } from './grant-refresher.js';
import { dueAt, nextStep } from './token-plan.js';

/** Why a credential is `refused`: its tokens are refused as fast as they may be minted. */
const REFUSED_CODE = 'tokens-refused';

/**
 * A credential in force that the vendor rejects is asked about again at this pace: most likely the integration was removed
 * there, but a vendor's bad day must not need a person.
 */
const REJECTED_AGAIN_MS = 6 * 3_600_000;

/** `version`: of the consent; null with client credentials. */
type Answer =
  | { readonly kind: 'granted'; readonly pair: Omit<TokenPair, 'refreshToken'>; readonly version: number | null }
  | Exclude<RefreshOutcome, { kind: 'granted' }>;

export interface TokenWorkOptions {
  readonly database: Database;
  readonly shards: HeldShards;
  readonly vault: Vault;
  readonly desk: CredentialDesk;
  readonly outbox: Outbox;
  readonly endpoint: TokenEndpoint;
  readonly refresher: GrantRefresher;
  readonly backoff: BackoffLimits;
  readonly log: Log;
}

/** Does a token's next step: renew it, mint another one, withdraw it, or say how it stands. */
export class TokenWork {
  constructor(private readonly options: TokenWorkOptions) {}

  /** Returns whether the vendor could be reached; null when it was not asked. */
  async run(work: DueWork, held: HeldShard, signal: AbortSignal): Promise<boolean | null> {
    const { database, vault, outbox, shards } = this.options;
    const token = await vault.tokens.find(database, work.credentialId, work.scopes);
    if (token === null) return null;
    const step = nextStep(token, Date.now());
    if (step.do === 'mint') return this.mint(token, step.because === 'invalidated', held, signal);
    const messages = await shards.commitFor(held, token.tenantId, (tx) => this.withoutCall(tx, work));
    outbox.publish(messages);
    return null;
  }

  /** Steps that need no vendor. Decided anew inside the transaction: a command may have come in since. */
  private async withoutCall(tx: Tx, work: DueWork): Promise<StateMessage[]> {
    const { vault, desk, log } = this.options;
    const token = await vault.tokens.find(tx, work.credentialId, work.scopes);
    const now = Date.now();
    const step = token === null ? null : nextStep(token, now);
    if (token === null || step === null) return [];
    switch (step.do) {
      case 'retire':
        return [await desk.dropToken(tx, token, now)];
      case 'refuse':
      case 'recover': {
        const refused = step.do === 'refuse';
        await vault.tokens.setState(tx, token, { refused }, dueAt({ ...token, refused }, now));
        log.warn(
          { credentialId: token.credentialId },
          refused ? 'minting has come to its limit' : 'minting is possible again',
        );
        const credential = await vault.credentials.find(tx, token.credentialId);
        // One of several scope sets: what the credential is worth hangs on the set that it was proven with.
        if (credential !== null && credential.connection.scopes !== token.scopes) return [];
        return this.setStage(tx, token, refused ? 'refused' : 'proven', refused ? REFUSED_CODE : null, now);
      }
      case 'wait':
        await vault.tokens.setState(tx, token, {}, step.until);
        return [];
      case 'mint':
        await vault.tokens.setState(tx, token, {}, now);
        return [];
      default:
        return step satisfies never;
    }
  }

  private async mint(
    token: StoredToken,
    onDemand: boolean,
    held: HeldShard,
    signal: AbortSignal,
  ): Promise<boolean | null> {
    const { database, vault, shards, outbox, log } = this.options;
    const credential = await vault.credentials.find(database, token.credentialId);
    if (credential === null || !credential.inForce) {
      // It comes due again with the next proven registration, which brings a token of its own.
      await shards.commit(held, (tx) => vault.tokens.setState(tx, token, {}, null));
      return null;
    }
    const connection = { ...credential.connection, scopes: token.scopes };
    const answer = await this.ask(token, connection, credential.grantId, held, signal);
    if (signal.aborted) return null;
    await faultPoint('token-broker:after-token');
    const messages = await shards.commitFor(held, token.tenantId, (tx) =>
      this.settle(
        tx,
        token,
        connection,
        credential.connection,
        answer,
        onDemand,
        held.shard,
        credential.grantId !== null,
      ),
    );
    const why = 'detail' in answer ? { detail: answer.detail } : 'code' in answer ? { code: answer.code } : {};
    const fields = { credentialId: token.credentialId, onDemand, ...why };
    log[answer.kind === 'granted' ? 'info' : 'warn'](fields, `token ${answer.kind}`);
    outbox.publish(messages);
    return answer.kind !== 'failed' || answer.isAlive;
  }

  private async ask(
    token: StoredToken,
    connection: Connection,
    grantId: string | null,
    held: HeldShard,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { endpoint, refresher } = this.options;
    if (grantId === null) {
      await endpoint.ready(connection, signal);
      const answer = await endpoint.ask(connection, { grant: 'client_credentials' }, { signal });
      return answer.kind === 'granted' ? { kind: 'granted', pair: answer, version: null } : answer;
    }
    const wish = { has: token.grantVersion, urgent: token.invalid || token.expiresAt <= Date.now() };
    return refresher.token(grantId, connection, wish, held, signal);
  }

  private async settle(
    tx: Tx,
    asked: StoredToken,
    connection: Connection,
    /** As it was proven: with the scopes that the credential's own health hangs on. */
    proven: Connection,
    answer: Answer,
    onDemand: boolean,
    shard: number,
    isConsent: boolean,
  ): Promise<StateMessage[]> {
    const { vault, desk, backoff } = this.options;
    // What is done with a consent is told where its refresh token is spent.
    if (!isConsent) await this.told(tx, asked, answer, onDemand);
    const token = await vault.tokens.find(tx, asked.credentialId, asked.scopes);
    // Replaced or withdrawn while the vendor was asked.
    if (token === null || token.version !== asked.version || token.retireAt !== null) return [];
    const now = Date.now();
    const rest = (retryAt: number, attempts: number) =>
      vault.tokens.setState(tx, token, { attempts, retryAt }, dueAt({ ...token, retryAt }, now));
    switch (answer.kind) {
      case 'granted': {
        const { pair, version } = answer;
        const mints = onDemand ? mintsAfter(token.mints, pair.issuedAt) : token.mints;
        const refused = token.refused && hourlyLimitEndsAt(mints, pair.issuedAt) !== null;
        const before = { mints: token.mints, onDemand, refused };
        const stored = await desk.storeToken(tx, connection, shard, pair, before, version);
        const fresh = { ...token, expiresAt: pair.expiresAt };
        if (token.scopes !== proven.scopes) return [stored];
        return [
          stored,
          ...(await this.setStage(tx, fresh, refused ? 'refused' : 'proven', refused ? REFUSED_CODE : null, now)),
        ];
      }
      case 'wait':
        await rest(answer.until, token.attempts);
        return [];
      case 'over':
        await vault.tokens.setState(tx, token, {}, null);
        return this.setStage(tx, token, 'awaiting-consent', answer.code, now);
      case 'rejected':
        if (token.scopes !== proven.scopes && answer.code === SCOPE_REFUSED) {
          // A scope was taken away: that set is of no use any more, and which one it was is found out.
          await vault.scopes.wishAgain(tx, token.credentialId, now);
          return [await desk.dropToken(tx, token, now)];
        }
        if (connection.source === 'environment') {
          await vault.tokens.setState(tx, token, {}, null);
          if (answer.code === SCOPE_REFUSED) await vault.scopes.wishAgain(tx, token.credentialId, now);
          await vault.candidates.put(tx, { ...proven, receivedAt: now }, shard, now + ENVIRONMENT_RETRY_MS);
        } else await rest(now + REJECTED_AGAIN_MS, 0);
        return this.setStage(tx, token, 'rejected', answer.code, now);
      case 'failed': {
        const attempts = token.attempts + 1;
        await rest(now + pause(answer.retryAfterMs, attempts, backoff, Math.random), attempts);
        return [];
      }
      default:
        return answer satisfies never;
    }
  }

  private async told(
    tx: Tx,
    { credentialId, tenantId, scopes }: StoredToken,
    answer: Answer,
    onDemand: boolean,
  ): Promise<void> {
    const why = 'code' in answer ? { code: answer.code } : 'detail' in answer ? { code: answer.detail } : {};
    const detail = { credentialId, scopes, outcome: answer.kind, ...why };
    const reason = onDemand ? 'invalidated' : 'renewal';
    await this.options.vault.audit.used(tx, { action: 'token-requested', tenantId, reason, detail });
  }

  private async setStage(
    tx: Tx,
    { credentialId, tenantId, expiresAt }: StoredToken,
    stage: 'proven' | 'refused' | 'rejected' | 'awaiting-consent',
    code: string | null,
    checkedAt: number,
  ): Promise<StateMessage[]> {
    const { vault, desk } = this.options;
    const before = await vault.credentials.setState(tx, credentialId, { stage, code, checkedAt });
    if (before !== null && before !== stage) {
      const detail = { credentialId, from: before };
      await vault.audit.changed(tx, { action: `credential-${stage}`, tenantId, reason: code, detail });
    }
    const published = { credentialId, tenantId, stage, inForce: true, code, checkedAt, expiresAt };
    return [await desk.announce(tx, published, checkedAt)];
  }
}
