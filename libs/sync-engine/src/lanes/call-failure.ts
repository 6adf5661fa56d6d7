import { fullJitter } from '@relay/http-client';
import type { PendingEntry, ResourceFacts } from '../core/model.js';
import type { CallFailure } from '../ports/call-outcomes.js';
import type { ResourceSpec, WorkClass } from '../ports/connector.js';
import type { Lane } from './lane.js';
import { factsOp } from './lane-ops.js';
import { specOf } from './lane-standing.js';

/** What a failed call was for. */
export interface FailedCall {
  readonly spec: ResourceSpec | null;
  readonly work: WorkClass;
  /** The record that was fetched; null for pages and other calls. */
  readonly entry: PendingEntry | null;
}

export type FailureOutcome =
  /** Held against the tenant, the gateway or the budget: the work itself comes again by their clock. */
  | 'held'
  /** This record or page alone: its own tries count. */
  | 'own-fault';

/** What a failure means for the lane (design: faults). The caller looks after the record or page itself. */
export function takeFailure(lane: Lane, failure: CallFailure, call: FailedCall): FailureOutcome {
  const { rules, backoff, random } = lane.process;
  const now = lane.process.now();
  const later = (least: number | null): void => {
    if (call.entry === null) return;
    const delayOf = (tries: number): number => Math.max(least ?? 0, fullJitter(backoff, tries, random));
    lane.queue.retry(call.entry, delayOf, now);
  };
  switch (failure.kind) {
    case 'unauthorized':
      // A refusal that comes after its token was replaced says nothing about the new one.
      if (!lane.hasNewerToken(failure.tokenVersion)) lane.block('unauthorized', rules.tokenRetryMs);
      return 'held';
    case 'no-token':
      lane.block(failure.reason ?? 'no-token', rules.tokenRetryMs);
      return 'held';
    case 'subscription-doubtful':
      lane.block(
        failure.listed ? 'subscription-doubtful' : 'not-listed',
        Math.min(rules.consentRetryMs, backoff.maxMs),
      );
      return 'held';
    case 'forbidden':
      if (call.spec === null) return 'own-fault';
      forbid(lane, call.spec.name, now + rules.forbiddenProbeMs, failure.reason ?? null);
      return 'held';
    case 'throttled':
      if (failure.local) lane.process.gateway.notMade();
      if (call.spec !== null) {
        const until = now + Math.max(1, failure.retryAfterMs);
        lane.agenda.throttle(call.spec.name, call.work, until, failure.local ? 'us' : 'vendor');
      }
      return 'held';
    case 'unavailable': {
      const silence = lane.unavailable();
      if (silence === 'gateway') lane.process.gateway.out(now);
      if (silence !== 'own') lane.gatewayFaults += 1;
      later(failure.retryAfterMs);
      return 'held';
    }
    case 'gateway-fault':
      lane.process.gateway.failed(now);
      lane.gatewayFaults += 1;
      later(null);
      return 'held';
    case 'aborted':
      return 'held';
    case 'record-fault':
      return 'own-fault';
    default:
      return failure satisfies never;
  }
}

/** The resource may not be read, for now. */
export function forbid(lane: Lane, resource: string, until: number, reason: string | null): void {
  lane.shard
    .submit(factsOp(lane.tenantId, resource, (facts) => ({ ...facts, forbiddenUntil: until, forbiddenReason: reason })))
    .then(() => lane.shard.touched(lane.tenantId, resource))
    // Only when the shard is lost: its next owner finds out by itself.
    .catch(() => undefined);
  // Until the commit is back, in memory.
  lane.agenda.throttleAll(resource, until);
}

/** The resource has answered, a call that took so long: it is allowed, and not broken. */
export function resourceAnswered(lane: Lane, spec: ResourceSpec, tookMs: number): void {
  lane.answered(spec, tookMs);
  resourceAllowed(lane, spec.name);
}

/** The resource may be read. What was never read before, because it was forbidden, waits for its turn. */
export function resourceAllowed(lane: Lane, resource: string): void {
  if (lane.facts(resource).forbiddenUntil === null) return;
  // An answer to a question from before it was denied.
  const { connector } = lane.process;
  if (connector.deniedOf !== undefined && connector.deniedOf(specOf(connector, resource), lane.tenant) !== null) return;
  lane.agenda.throttleAll(resource, 0);
  // A shard that was lost: its next owner finds out anew.
  noteAllowed(lane, resource).catch(() => undefined);
}

async function noteAllowed(lane: Lane, resource: string): Promise<void> {
  await lane.shard.submit(factsOp(lane.tenantId, resource, allowed));
  lane.shard.touched(lane.tenantId, resource);
  lane.wake();
}

function allowed(facts: ResourceFacts): ResourceFacts {
  const staged = facts.liveAt === null ? { staged: true } : {};
  return { ...facts, ...staged, forbiddenUntil: null, forbiddenReason: null };
}
