import type { Capabilities, ExactResource } from '@relay/contracts';
import type { Database, Tx } from '@relay/database';
import type { BackoffLimits } from '@relay/http-client';
import { faultPoint, type Log } from '@relay/service-kit';
import type { StateMessage } from '@relay/state-topic';
import { pause } from '../credentials/candidate-steps.js';
import type { Connection } from '../credentials/connection.js';
import type { CredentialDesk } from '../credentials/credential-desk.js';
import { ENVIRONMENT_RETRY_MS } from '../credentials/prove-candidate.js';
import { mintsAfter } from '../minting/minting-limits.js';
import type { TokenAnswer } from '../minting/token-answer.js';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import type { Credential } from '../persistence/credential-rows.js';
import type { DueWork } from '../persistence/due-rows.js';
import type { ScopeSearch } from '../persistence/scope-rows.js';
import type { Vault } from '../persistence/vault.js';
import type { Outbox } from '../publishing/outbox.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';
import { askForScopes, type NoScopeAnswer } from './ask-for-scopes.js';
import { areSame, nextProbeAt, setsInUse, setsWithoutToken } from './scope-plan.js';
import { probeScopes } from './scope-probe.js';

interface ScopeWorkOptions {
  readonly database: Database;
  readonly shards: HeldShards;
  readonly vault: Vault;
  readonly desk: CredentialDesk;
  readonly outbox: Outbox;
  readonly endpoint: TokenEndpoint;
  readonly backoff: BackoffLimits;
  readonly log: Log;
  /** What is asked for: the configuration's scopes, the base among them. */
  readonly wanted: readonly string[];
  readonly resources: readonly ExactResource[];
  readonly everyMs: number;
}

/**
 * Finds out what the EXACT client may do, keeps a token for each scope set that follows from it, and says so. A set has its
 * token before it is told that it may be used: who hears of it can read at once.
 */
export class ScopeWork {
  constructor(private readonly options: ScopeWorkOptions) {}

  /** Returns whether the vendor could be reached; null when it was not asked. */
  async run(work: DueWork, held: HeldShard, signal: AbortSignal): Promise<boolean | null> {
    const { database, vault, shards } = this.options;
    const search = await vault.scopes.find(database, work.credentialId);
    if (search === null || search.dueAt === null) return null;
    const credential = await vault.credentials.find(database, work.credentialId);
    if (credential === null || !credential.inForce) {
      // Asked for again with the next proof.
      await shards.commit(held, (tx) => vault.scopes.setState(tx, search, { dueAt: null }));
      return null;
    }
    if (search.found === null && search.probeAt <= Date.now()) return this.probe(search, credential, held, signal);
    return this.supply(search, credential, held, signal);
  }

  private async probe(
    search: ScopeSearch,
    { connection }: Credential,
    held: HeldShard,
    signal: AbortSignal,
  ): Promise<boolean | null> {
    const { endpoint, shards, vault, wanted, everyMs, log } = this.options;
    const now = Date.now();
    const allowedAt = nextProbeAt(search.probes, everyMs, now);
    const probes = mintsAfter(search.probes, now);
    const begins = allowedAt <= now;
    await shards.commit(held, (tx) => vault.scopes.setState(tx, search, begins ? { probes } : { dueAt: allowedAt }));
    if (!begins) return null;
    const ask = askForScopes(endpoint, connection, signal);
    const outcome = await probeScopes(wanted, search.known, ask);
    if (signal.aborted) return null;
    const begun = { ...search, probes };
    if (outcome.kind === 'failed') return this.rest(begun, outcome.failure, held);
    await faultPoint('token-broker:after-scopes');
    await shards.commit(held, async (tx) => {
      if (!(await this.isStill(tx, search))) return;
      await vault.scopes.setState(tx, begun, { found: outcome.capabilities, attempts: 0, dueAt: Date.now() });
    });
    log.info({ credentialId: search.credentialId, ...outcome.capabilities }, 'scopes probed');
    return true;
  }

  /** Gets the next token that a scope set lacks; when none lacks one, says what is granted. */
  private async supply(
    search: ScopeSearch,
    credential: Credential,
    held: HeldShard,
    signal: AbortSignal,
  ): Promise<boolean | null> {
    const { database, endpoint, vault, shards, outbox, desk, resources } = this.options;
    const { connection } = credential;
    const capabilities = search.found ?? search.known;
    const sets = capabilities === null ? [connection.scopes] : setsInUse(connection.scopes, resources, capabilities);
    const tokens = await vault.tokens.ofCredential(database, search.credentialId);
    // The base's own token comes with the proof.
    const lacking = setsWithoutToken(sets, tokens).find((set) => set !== connection.scopes);
    if (lacking === undefined) {
      const messages = await shards.commitFor(held, search.tenantId, (tx) =>
        this.conclude(tx, search, capabilities, sets),
      );
      outbox.publish(messages);
      return null;
    }
    const forSet: Connection = { ...connection, scopes: lacking };
    await endpoint.ready(forSet, signal);
    const answer: TokenAnswer = await endpoint.ask(forSet, { grant: 'client_credentials' }, { signal });
    if (signal.aborted) return null;
    if (answer.kind !== 'granted') return this.rest(search, answer, held);
    const messages = await shards.commitFor(held, search.tenantId, async (tx) => {
      if (!(await this.isStill(tx, search))) return [];
      await vault.scopes.setState(tx, search, { attempts: 0, dueAt: Date.now() });
      const before = { mints: [], onDemand: false, refused: false };
      return [await desk.storeToken(tx, forSet, held.shard, answer, before)];
    });
    await faultPoint('token-broker:after-scope-token');
    outbox.publish(messages);
    return true;
  }

  /** Every set has its token: what is granted is published, tokens of other sets are let go. */
  private async conclude(
    tx: Tx,
    search: ScopeSearch,
    capabilities: Capabilities | null,
    sets: readonly string[],
  ): Promise<StateMessage[]> {
    const { vault, desk, everyMs, log } = this.options;
    const credential = await vault.credentials.find(tx, search.credentialId);
    if (credential === null || !credential.inForce || !(await this.isStill(tx, search))) return [];
    const now = Date.now();
    // Several relays must not ask in step.
    const next = search.found === null ? search.probeAt : now + everyMs * (0.9 + Math.random() * 0.2);
    await vault.scopes.setState(tx, search, {
      known: capabilities,
      found: null,
      attempts: 0,
      probeAt: Math.round(next),
      dueAt: Math.round(next),
    });
    await desk.retireTokens(tx, search.credentialId, sets, now);
    if (capabilities === null || areSame(search.known, capabilities)) return [];
    const { credentialId, tenantId, missing } = { ...search, ...capabilities };
    if (missing.length > 0) log.warn({ credentialId, missing }, 'EXACT does not grant every scope that is asked for');
    const { stage, code, checkedAt, connection } = credential;
    const base = await vault.tokens.find(tx, credentialId, connection.scopes);
    const published = { credentialId, tenantId, stage, inForce: true, code, checkedAt };
    return [await desk.announce(tx, { ...published, expiresAt: base?.expiresAt ?? null }, now)];
  }

  /** Nothing was learnt about scopes: later again. What is known goes on being used. */
  private async rest(search: ScopeSearch, failure: NoScopeAnswer, held: HeldShard): Promise<boolean> {
    const { shards, vault, backoff, log } = this.options;
    const attempts = search.attempts + 1;
    const now = Date.now();
    const isRejected = failure.kind === 'rejected';
    // A client that is rejected is seen to by its token's renewal. A set that is refused though each of its scopes was
    // granted: the vendor has changed something in between, so the scopes are looked at anew.
    const waitMs = isRejected ? ENVIRONMENT_RETRY_MS : pause(failure.retryAfterMs, attempts, backoff, Math.random);
    const changes = isRejected ? { found: null, probeAt: now + waitMs } : {};
    await shards.commit(held, async (tx) => {
      if (await this.isStill(tx, search)) {
        await vault.scopes.setState(tx, search, { attempts, dueAt: now + waitMs, ...changes });
      }
    });
    const why = isRejected ? { code: failure.code } : { detail: failure.detail };
    log.warn({ credentialId: search.credentialId, ...why }, 'scopes cannot be found out now');
    return isRejected || failure.isAlive;
  }

  /** False: another probe was wished for, or the credential went out of use, while the vendor was asked. */
  private async isStill(tx: Tx, search: ScopeSearch): Promise<boolean> {
    const now = await this.options.vault.scopes.find(tx, search.credentialId);
    return now !== null && now.dueAt !== null && now.probeAt === search.probeAt;
  }
}
