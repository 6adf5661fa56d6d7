import { FencedOut, type Database, type Tx } from '@relay/database';
import type { BackoffLimits } from '@relay/http-client';
import { faultPoint, type Log } from '@relay/service-kit';
import type { AuditTrail } from '../audit/audit-trail.js';
import { pause } from '../credentials/candidate-steps.js';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import { delayWithdrawal, dueWithdrawals, type Withdrawal } from '../persistence/withdrawal-rows.js';
import type { Outbox } from '../publishing/outbox.js';
import type { HeldShards } from '../shards/held-shards.js';
import { HOOKS_WAIT_MS, type HookRemovals } from './hook-removals.js';
import type { RevokeOrder, WithdrawTenant } from './withdraw-tenant.js';

export interface WithdrawalWorkerOptions {
  readonly database: Database;
  readonly shards: HeldShards;
  readonly removals: HookRemovals;
  readonly withdraw: WithdrawTenant;
  readonly endpoint: TokenEndpoint;
  readonly outbox: Outbox;
  readonly backoff: BackoffLimits;
  /** Longest time from the announcement of a refresh token's use until what it brought is stored. */
  readonly spendMs: number;
  readonly audit: AuditTrail;
  readonly log: Log;
}

const TICK_MS = 500;
/** A secret that is kept for a vendor who does not answer is the greater risk: after this it goes unrevoked. */
const REVOKE_FOR_MS = 5 * 60_000;

/** Revokes the tokens of withdrawn tenants once their webhooks are removed, then has their secrets destroyed. */
export class WithdrawalWorker {
  private readonly running = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(private readonly options: WithdrawalWorkerOptions) {}

  start(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = null));
    }, TICK_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    if (this.timer !== null) clearInterval(this.timer);
    await this.looking;
    await Promise.allSettled(this.running.values());
  }

  private async look(): Promise<void> {
    const { database, shards, removals, log } = this.options;
    const held = shards.shards();
    if (held.length === 0) return;
    try {
      const now = Date.now();
      for (const due of await dueWithdrawals(database, held, now)) {
        if (this.running.has(due.tenantId) || !removals.areDone(due.tenantId, due.withdrawnAt, now)) continue;
        const done = this.run(due).finally(() => this.running.delete(due.tenantId));
        this.running.set(due.tenantId, done);
      }
    } catch (error) {
      log.warn({ err: error }, 'withdrawals cannot be read, trying again');
    }
  }

  private async run(due: Withdrawal): Promise<void> {
    const { shards, log } = this.options;
    const epoch = shards.epochOf(due.shard);
    if (epoch === null) return;
    try {
      await this.revokeAndDestroy(due, { shard: due.shard, epoch });
    } catch (error) {
      if (this.stopping.signal.aborted || error instanceof FencedOut) return;
      log.warn({ tenantId: due.tenantId, err: error }, 'a withdrawal is interrupted, trying again');
    }
  }

  private async revokeAndDestroy(due: Withdrawal, held: { shard: number; epoch: number }): Promise<void> {
    const { database, shards, withdraw, outbox, backoff, spendMs, audit, log } = this.options;
    const { tenantId, withdrawnAt } = due;
    const canWaitUntil = withdrawnAt + HOOKS_WAIT_MS + REVOKE_FOR_MS;
    const isSpending = (tx: Tx) => withdraw.isSpending(tx, due, spendMs, Date.now());
    // It is still due: looked at again in a moment.
    if (Date.now() < canWaitUntil && (await isSpending(database))) return;
    const orders = await withdraw.toRevoke(database, tenantId, withdrawnAt, Date.now());
    const answer = await this.revokeAll(orders);
    if (this.stopping.signal.aborted) return;
    await faultPoint('token-broker:after-revoke');
    const now = Date.now();
    const mayWait = now < canWaitUntil;
    if (answer.kind === 'failed' && mayWait) {
      const dueAt = now + pause(answer.retryAfterMs, due.attempts + 1, backoff, Math.random);
      await shards.commitFor(held, tenantId, async (tx) => {
        await delayWithdrawal(tx, tenantId, dueAt);
        const detail = { revoked: answer.revoked, attempts: due.attempts + 1 };
        await audit.used(tx, { action: 'revocation-failed', tenantId, reason: answer.detail, detail });
      });
      log.warn({ tenantId, detail: answer.detail }, 'tokens of a withdrawn tenant cannot be revoked now');
      return;
    }
    const { kind, revoked } = answer;
    const messages = await shards.commitFor(held, tenantId, async (tx) => {
      const isBehind = (await isSpending(tx)) || (await withdraw.hasOthers(tx, due, orders, now));
      if (mayWait && isBehind) return null;
      const made = await withdraw.finish(tx, due, now);
      if (made.length > 0) {
        await audit.changed(tx, { action: 'tokens-revoked', tenantId, reason: kind, detail: { revoked } });
      }
      return made;
    });
    // The next look revokes what has come in.
    if (messages === null) return;
    log[kind === 'revoked' ? 'info' : 'warn'](
      { tenantId, revoked, outcome: kind },
      'secrets and tokens of a withdrawn tenant destroyed',
    );
    outbox.publish(messages);
  }

  /** All at once would gain nothing: there are one or two. What fails is tried again with the others. */
  private async revokeAll(orders: readonly RevokeOrder[]): Promise<Outcome> {
    let revoked = 0;
    let worst: Outcome = { kind: 'revoked', revoked };
    for (const { connection, revocables } of orders) {
      for (const revocable of revocables) {
        const answer = await this.options.endpoint.revoke(connection, revocable, this.stopping.signal);
        if (answer.kind === 'revoked') revoked += 1;
        else if (answer.kind === 'failed') worst = { ...answer, revoked };
        else if (worst.kind === 'revoked') worst = { kind: 'refused', revoked };
      }
    }
    return { ...worst, revoked };
  }
}

type Outcome =
  | { readonly kind: 'revoked' | 'refused'; readonly revoked: number }
  | {
      readonly kind: 'failed';
      readonly revoked: number;
      readonly detail: string;
      readonly retryAfterMs: number | null;
    };
