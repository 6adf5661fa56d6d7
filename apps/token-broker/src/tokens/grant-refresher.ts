import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient, type Database, type Tx } from '@relay/database';
import { faultPoint, type Log, type Metrics } from '@relay/service-kit';
import type { FailedTry } from '../credentials/candidate-steps.js';
import type { Connection } from '../credentials/connection.js';
import type { TokenAnswer } from '../minting/token-answer.js';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import type { StoredGrant, TokenPair } from '../persistence/refresh-grant-rows.js';
import type { Vault } from '../persistence/vault.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';
import { SEND_WITHIN_MS, announced, endOf, nextGrantStep, unanswered, type Intent } from './grant-plan.js';

const STORE_AGAIN_MS = 250;

export interface RefresherOptions {
  readonly database: Database;
  readonly shards: HeldShards;
  readonly vault: Vault;
  readonly endpoint: TokenEndpoint;
  readonly patienceMs: number;
  /** From an announcement: how long a vendor that has not answered in time is left alone, if that is longer. */
  readonly unansweredMs: number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random?: () => string;
}

/** What became of the wish for an access token of a consent. */
export type RefreshOutcome =
  | { readonly kind: 'granted'; readonly version: number; readonly pair: TokenPair }
  | { readonly kind: 'wait'; readonly until: number }
  /** The consent is over: a person is needed. */
  | { readonly kind: 'over'; readonly code: string }
  /** The vendor refuses the client itself. */
  | { readonly kind: 'rejected'; readonly code: string }
  | FailedTry;

export interface Wish {
  /** Version of the consent's token that is had already; null: any will do. */
  readonly has: number | null;
  /** The one that is had is refused or has expired. */
  readonly urgent: boolean;
}

/** Fulfils the wish for an access token from a person's consent, spending its refresh token when there is no other way. */
export class GrantRefresher {
  private readonly ended;

  constructor(private readonly options: RefresherOptions) {
    this.ended = options.metrics.counter({
      name: 'relay_token_broker_consents_ended_total',
      help: 'Consents whose refresh tokens are good for nothing any more: a person is needed',
      labelNames: ['code'],
    });
  }

  async token(
    grantId: string,
    connection: Connection,
    wish: Wish,
    held: HeldShard,
    signal: AbortSignal,
  ): Promise<RefreshOutcome> {
    const { database, vault, patienceMs } = this.options;
    const grant = await vault.grants.find(database, grantId);
    if (grant === null) return { kind: 'over', code: 'consent-withdrawn' };
    const step = nextGrantStep(grant, wish.has, wish.urgent, Date.now(), patienceMs);
    switch (step.do) {
      case 'use':
        return this.stored(grantId);
      case 'wait':
        return { kind: 'wait', until: step.until };
      case 'give-up':
        return this.giveUp(grant, step.code, held);
      case 'repeat':
        return (await this.isVendorAlive(grantId, connection, signal)) ?? this.spend(grant, connection, held, signal);
      case 'spend':
        return this.spend(grant, connection, held, signal);
      default:
        return step satisfies never;
    }
  }

  private async stored(grantId: string): Promise<RefreshOutcome> {
    const found = await this.options.vault.grants.open(this.options.database, grantId);
    return found === null ? { kind: 'over', code: 'consent-withdrawn' } : { kind: 'granted', ...found };
  }

  private async giveUp(grant: StoredGrant, code: string, held: HeldShard): Promise<RefreshOutcome> {
    const { shards } = this.options;
    if (grant.lost === null) {
      const intentId = grant.intent?.id ?? null;
      const done = await shards.commit(held, (tx) => this.end(tx, grant, intentId, code));
      if (!done) return moved();
      this.noteEnd(grant, code);
    }
    return { kind: 'over', code };
  }

  private noteEnd({ credentialId }: StoredGrant, code: string): void {
    this.ended.inc({ code });
    this.options.log.warn({ credentialId, code }, 'consent is over');
  }

  /** The repeat is the last try: it is kept for a vendor that answers. Null: it does. */
  private async isVendorAlive(
    grantId: string,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<RefreshOutcome | null> {
    const { endpoint, vault, database } = this.options;
    const found = await vault.grants.open(database, grantId);
    if (found === null) return { kind: 'over', code: 'consent-withdrawn' };
    const answer = await endpoint.read(connection, found.pair.accessToken, signal);
    if (answer.kind !== 'failed' || answer.isAlive) return null;
    return answer;
  }

  private async spend(
    grant: StoredGrant,
    connection: Connection,
    held: HeldShard,
    signal: AbortSignal,
  ): Promise<RefreshOutcome> {
    const { database, shards, vault, endpoint, random = randomUUID } = this.options;
    await endpoint.ready(connection, signal);
    const found = await vault.grants.open(database, grant.grantId);
    const refreshToken = found?.version === grant.version ? found.pair.refreshToken : null;
    if (signal.aborted || refreshToken === null) return moved();
    await faultPoint('token-broker:before-intent');
    const intent: Intent = { id: random(), at: Date.now() };
    if (!(await shards.commit(held, (tx) => this.announce(tx, grant, intent)))) return moved();
    await faultPoint('token-broker:after-intent');
    const ask = { grant: 'refresh_token', refreshToken } as const;
    // Not ended with the process: what is under way is stored if at all possible.
    const answer = await endpoint.ask(connection, ask, { sendBy: intent.at + SEND_WITHIN_MS });
    await faultPoint('token-broker:after-spend');
    return this.settle(grant, intent, answer);
  }

  /** Needs no shard: whoever owns it now relies on what is written here. */
  private async settle(grant: StoredGrant, intent: Intent, answer: TokenAnswer): Promise<RefreshOutcome> {
    const { database, vault } = this.options;
    const { grantId, version, credentialId } = grant;
    switch (answer.kind) {
      case 'granted': {
        const isNewest = await this.untilStored(() =>
          database.transaction(async (tx) => {
            const done = await vault.grants.renew(tx, grantId, version, answer);
            if (done) await vault.grants.wake(tx, credentialId, Date.now());
            await this.told(tx, grant, done ? 'renewed' : 'overtaken');
            return done;
          }),
        );
        await faultPoint('token-broker:after-renew');
        return isNewest ? { kind: 'granted', version: version + 1, pair: answer } : moved();
      }
      case 'rejected':
        if (answer.code === 'invalid_grant') {
          // By version and announcement: about a token that is not the newest any more it says nothing new.
          const code = endOf(grant);
          const done = await database.transaction(async (tx) => {
            const isOver = await this.end(tx, grant, intent.id, code);
            if (!isOver) await this.told(tx, grant, answer.code);
            return isOver;
          });
          if (!done) return moved();
          this.noteEnd(grant, code);
          return { kind: 'over', code };
        }
        await database.transaction(async (tx) => {
          await vault.grants.takeBack(tx, grantId, version, intent.id, Date.now());
          await this.told(tx, grant, answer.code);
        });
        return { kind: 'rejected', code: answer.code };
      case 'failed': {
        if (answer.effect === 'unknown') return this.leaveAlone(grant, intent, answer.detail);
        await database.transaction(async (tx) => {
          await vault.grants.takeBack(tx, grantId, version, intent.id, Date.now());
          await vault.grants.wakeResting(tx, credentialId, Date.now());
          await this.told(tx, grant, answer.detail);
        });
        return answer;
      }
      default:
        return answer satisfies never;
    }
  }

  private async leaveAlone(grant: StoredGrant, intent: Intent, detail: string): Promise<RefreshOutcome> {
    const { database, vault, patienceMs, unansweredMs } = this.options;
    const { at } = unanswered(announced(grant, intent), intent.id, unansweredMs, patienceMs).intent ?? intent;
    await this.told(database, grant, detail, 'refresh-unanswered');
    await vault.grants.leaveAlone(database, grant.grantId, grant.version, { id: intent.id, at });
    return { kind: 'wait', until: at + patienceMs };
  }

  /** A repeat is told with its announcement, so that it is known even of a process that dies in the middle of it. */
  private async announce(tx: Tx, grant: StoredGrant, intent: Intent): Promise<boolean> {
    const done = await this.options.vault.grants.announce(tx, grant, intent);
    if (done && grant.tries > 0) await this.told(tx, grant, 'outcome-unknown', 'refresh-token-spent-again');
    return done;
  }

  private async end(tx: Tx, grant: StoredGrant, intentId: string | null, code: string): Promise<boolean> {
    const { vault } = this.options;
    const { grantId, version, tenantId, credentialId } = grant;
    const done = await vault.grants.end(tx, grantId, version, intentId, code);
    const note = { action: 'grant-ended', tenantId, reason: code, detail: { credentialId, version } } as const;
    if (done) await vault.audit.changed(tx, note);
    return done;
  }

  /** What became of a refresh token that was spent, or was to be. */
  private told(
    tx: Tx,
    { tenantId, credentialId, version }: StoredGrant,
    reason: string,
    action: 'refresh-token-spent' | 'refresh-token-spent-again' | 'refresh-unanswered' = 'refresh-token-spent',
  ): Promise<void> {
    return this.options.vault.audit.used(tx, { action, tenantId, reason, detail: { credentialId, version } });
  }

  /** The pair is in this process alone: while the database is away it is held on to. */
  private async untilStored<T>(store: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await store();
      } catch (error) {
        if (!isTransient(error)) throw error;
        this.options.log.warn({ err: error }, 'a renewed consent cannot be stored yet, trying again');
        await sleep(STORE_AGAIN_MS);
      }
    }
  }
}

/** Somebody else has changed the consent meanwhile: it is looked at anew, in a moment. */
function moved(): RefreshOutcome {
  return { kind: 'failed', detail: 'consent-has-changed', retryAfterMs: null, isAlive: true };
}
