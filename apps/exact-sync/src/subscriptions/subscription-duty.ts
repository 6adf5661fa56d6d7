import type { ExactEnvironment, SubscriptionListValue } from '@relay/contracts';
import { fullJitter } from '@relay/http-client';
import { pause, systemClock, type Clock } from '@relay/service-kit';
import type { ShardDuty, ShardHandle } from '@relay/sync-engine';
import type { ContinuationNames } from '../calls/continuation.js';
import type { ExactCalls } from '../calls/exact-calls.js';
import { listSubscriptions, type SubscriptionAnswer } from './subscription-list.js';

export interface SubscriptionDutyOptions {
  readonly environment: ExactEnvironment;
  readonly calls: ExactCalls;
  readonly continuation: ContinuationNames;
  readonly everySeconds: number;
  readonly attemptTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Puts one whole answer on `subscription-list.v1`. */
  publish(value: SubscriptionListValue): Promise<void>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly clock?: Pick<Clock, 'now' | 'after'>;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/** Without a token nothing can be asked; the broker's first one is usually seconds away. */
const NO_TOKEN_MS = 1_000;

/**
 * Lists the active subscriptions again and again, in the process that holds the environment's shard. Only a whole answer
 * is published; a failure publishes nothing, for a practice that is missing from a list loses its relay.
 */
export class SubscriptionDuty implements ShardDuty {
  private readonly clock: Pick<Clock, 'now' | 'after'>;
  private readonly random: () => number;

  constructor(private readonly options: SubscriptionDutyOptions) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
  }

  start(shard: ShardHandle): void {
    if (!shard.owns(this.options.calls.api.owner)) return;
    void this.run(shard.signal);
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let lastFault: string | null = null;
    while (!signal.aborted) {
      const startedAt = this.clock.now();
      const fault = await this.listOnce(signal).catch((error: unknown) => {
        // Kafka did not take it: the next listing is newer and takes its place.
        return `not-published: ${error instanceof Error ? error.message : String(error)}`;
      });
      if (signal.aborted) return;
      failures = fault === null ? 0 : failures + 1;
      if (fault !== null && fault !== lastFault) this.options.log.warn({ fault }, 'subscriptions could not be listed');
      if (fault === null && lastFault !== null) this.options.log.info({}, 'subscriptions are listed again');
      lastFault = fault;
      const waitMs = fault === null ? this.paceMs(startedAt) : this.backoffMs(fault, failures);
      await pause(this.clock, waitMs, signal);
    }
  }

  /** Null when a whole answer was published; else what went wrong. */
  private async listOnce(signal: AbortSignal): Promise<string | null> {
    const { calls, continuation, attemptTimeoutMs, environment } = this.options;
    const answer = await listSubscriptions(
      calls,
      continuation,
      { signal, timeoutMs: attemptTimeoutMs },
      this.clock.now,
    );
    if (answer.kind === 'token-refused') await calls.refused(answer.token);
    if (answer.kind !== 'listed') return faultOf(answer);
    if (signal.aborted) return null;
    await this.options.publish({
      environment,
      practiceIds: [...answer.practiceIds],
      observedAt: new Date(answer.observedAt).toISOString(),
    });
    return null;
  }

  /** A tenth of jitter, so that several relays do not ask in step. */
  private paceMs(startedAt: number): number {
    const pace = this.options.everySeconds * 1_000 * (0.9 + this.random() * 0.2);
    return Math.max(0, startedAt + pace - this.clock.now());
  }

  private backoffMs(fault: string, failures: number): number {
    if (fault === 'no-token' || fault === 'token-refused') return NO_TOKEN_MS;
    const { backoffMinMs, backoffMaxMs, everySeconds } = this.options;
    const maxMs = Math.max(backoffMinMs, Math.min(backoffMaxMs, everySeconds * 1_000));
    return Math.max(backoffMinMs, fullJitter({ minMs: backoffMinMs, maxMs }, failures, this.random));
  }
}

function faultOf(answer: Exclude<SubscriptionAnswer, { kind: 'listed' }>): string {
  return 'detail' in answer ? `${answer.kind}: ${answer.detail}` : answer.kind;
}
