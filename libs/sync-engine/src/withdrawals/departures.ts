import type { HooksRemoval, TenantValue } from '@relay/contracts';
import { fullJitter } from '@relay/http-client';
import { pause } from '@relay/service-kit';
import type { StateTopic } from '@relay/state-topic';
import { departureDue } from '../core/purge-plan.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { DepartOutcome } from '../ports/call-outcomes.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import type { WithdrawalLedger } from './withdrawal-ledger.js';

/** One call may not use up the minute. */
const MOST_CALL_MS = 10_000;
const BACKOFF = { minMs: 500, maxMs: 5_000 };

/**
 * Takes leave of withdrawn tenants: what we have made at the vendor is removed while the old token still works, and
 * `withdrawal.v1` says how it went, so that token-broker can revoke that token.
 */
export class Departures {
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly process: LaneProcess,
    private readonly ledger: WithdrawalLedger,
    private readonly topic: StateTopic,
  ) {}

  /** A tenant of a loaded shard, in whatever state. */
  tenantChanged(shard: OwnedShard, tenant: TenantValue): void {
    const { tenantId } = tenant;
    if (tenant.state !== 'withdrawn') {
      // It has come back: what it needs must not be taken away.
      this.running.get(tenantId)?.abort();
      return;
    }
    const { connector } = this.process;
    if (connector.depart === undefined || tenant.vendor !== connector.vendor) return;
    if (this.running.has(tenantId) || !departureDue(tenant, this.ledger.of(tenantId))) return;
    const stop = new AbortController();
    this.running.set(tenantId, stop);
    const signal = AbortSignal.any([stop.signal, shard.signal]);
    void this.run(shard, tenant, signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.process.log.error({ tenantId, err: error }, 'a departure has failed');
      })
      .finally(() => {
        if (this.running.get(tenantId) === stop) this.running.delete(tenantId);
      });
  }

  private async run(shard: OwnedShard, tenant: TenantValue, signal: AbortSignal): Promise<void> {
    const { now, time, rules, random, log } = this.process;
    const until = Date.parse(tenant.changedAt) + rules.departureMs;
    let removed = 0;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.ask(tenant, signal);
      if (signal.aborted) return;
      removed += outcome.removed;
      const wait = waitAfter(outcome, fullJitter(BACKOFF, attempt, random));
      if (wait === null || now() + wait >= until) {
        const reason = outcome.kind === 'departed' ? outcome.reason : outcome.kind;
        await this.settle(shard, tenant, removed, reason);
        log.info({ tenantId: tenant.tenantId, removed, reason }, 'webhooks of a withdrawn tenant are seen to');
        return;
      }
      await pause(time, wait, signal);
      if (signal.aborted) return;
    }
  }

  private async ask(tenant: TenantValue, signal: AbortSignal): Promise<DepartOutcome> {
    const { connector, slots, callTimeoutMs } = this.process;
    const slot = await slots.acquire('slow', signal);
    try {
      const timeoutMs = Math.min(callTimeoutMs, MOST_CALL_MS);
      const call = { tenant, work: 'live', signal, timeoutMs } as const;
      return (await connector.depart?.(call)) ?? { kind: 'departed', reason: null, removed: 0, tookMs: 0 };
    } finally {
      slot.release();
    }
  }

  private async settle(shard: OwnedShard, tenant: TenantValue, removed: number, reason: string | null): Promise<void> {
    const { tenantId, changedAt: withdrawnAt } = tenant;
    const outcome: HooksRemoval['outcome'] = reason === null ? 'removed' : 'left';
    const statement = { kind: 'hooks', tenantId, outcome, removed, reason, withdrawnAt } as const;
    const message = await shard.fenced((unit) => this.ledger.putHooks(unit, statement));
    this.ledger.note(JSON.parse(String(message.message.value)) as HooksRemoval);
    void this.topic.publish([message]);
  }
}

/** How long until it is worth asking again; null = it never is. */
function waitAfter(outcome: DepartOutcome, backoffMs: number): number | null {
  switch (outcome.kind) {
    case 'departed':
    // The token was refused, and nobody gets another one for a tenant that is gone.
    case 'unauthorized':
    case 'forbidden':
    case 'subscription-doubtful':
      return null;
    case 'throttled':
      return outcome.retryAfterMs;
    case 'unavailable':
      return Math.max(backoffMs, outcome.retryAfterMs ?? 0);
    case 'no-token':
    case 'gateway-fault':
    case 'record-fault':
    case 'aborted':
      return backoffMs;
    default:
      return outcome satisfies never;
  }
}
