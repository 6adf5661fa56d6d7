import type { CallContext, CallFailure } from '@relay/sync-engine';
import type { FreshListing } from '../subscriptions/fresh-listing.js';
import type { SubscriptionAnswer } from '../subscriptions/subscription-list.js';
import type { ExactCalls, UsedToken } from './exact-calls.js';
import { practicePath } from './exact-address.js';

/** A listing this young still tells whether a 404 is about the practice; saves one listing a missing record. */
const RECENT_MS = 5_000;

/** What a 401, 403 or 404 turned out to be. `missing` = the practice is subscribed, so the record itself is not there. */
export type Settled = CallFailure | { readonly kind: 'missing' };

/**
 * Tells whose fault a 401, 403 or 404 is: the gateway answers the same for a bad token, a lost subscription, a scope that
 * was not granted and a record that is gone. The subscription list, which belongs to no practice, decides.
 */
export class PracticeStanding {
  constructor(
    private readonly calls: ExactCalls,
    private readonly listing: FreshListing,
    private readonly now: () => number = Date.now,
  ) {}

  async settle(
    call: CallContext,
    status: 401 | 403 | 404,
    token: UsedToken | null,
    resource: string,
  ): Promise<Settled> {
    switch (status) {
      case 401:
        return this.tokenOrPractice(token);
      case 403:
        return this.subscriptionOrScope(call, resource);
      case 404:
        return (await this.unlessSubscribed(call, this.now() - RECENT_MS)) ?? { kind: 'missing' };
      default:
        return status satisfies never;
    }
  }

  /** The token is bad only if the cloud's own endpoint refuses the same version; else it is that practice's state. */
  private async tokenOrPractice(token: UsedToken | null): Promise<CallFailure> {
    if (token === null) return { kind: 'no-token' };
    if (this.calls.tokenVersion() !== token.version) return { kind: 'unauthorized', tokenVersion: token.version };
    const answer = await this.listing.askedAfter(this.now());
    if (answer.kind !== 'listed') return this.failureOf(answer);
    if (this.calls.tokenVersion() !== token.version) return { kind: 'unauthorized', tokenVersion: token.version };
    return { kind: 'unavailable', detail: 'practice-401', retryAfterMs: null };
  }

  /** Still subscribed, and the details answer: then only this resource's scope is missing. */
  private async subscriptionOrScope(call: CallContext, resource: string): Promise<CallFailure> {
    const failure = await this.unlessSubscribed(call, this.now());
    if (failure !== null) return failure;
    if (resource === 'practice') return { kind: 'subscription-doubtful', listed: true };
    const { answer } = await this.calls.get({
      path: practicePath(call.tenant, 'details'),
      route: '/v1/Practices/{practiceId}/details',
      signal: call.signal,
      timeoutMs: call.timeoutMs,
    });
    if (answer.kind === 'success') return { kind: 'forbidden' };
    if (answer.kind === 'ambiguous') return { kind: 'subscription-doubtful', listed: true };
    return { kind: 'unavailable', detail: 'unsettled-403', retryAfterMs: null };
  }

  /** Null when a whole listing that was asked for after the instant names the practice. */
  private async unlessSubscribed(call: CallContext, instant: number): Promise<CallFailure | null> {
    const answer = await this.listing.askedAfter(instant);
    if (answer.kind !== 'listed') return this.failureOf(answer);
    const { practiceId } = call.tenant;
    const isListed = practiceId !== null && answer.practiceIds.includes(practiceId);
    return isListed ? null : { kind: 'subscription-doubtful', listed: false };
  }

  private async failureOf(answer: Exclude<SubscriptionAnswer, { kind: 'listed' }>): Promise<CallFailure> {
    if (answer.kind !== 'token-refused') return answer;
    await this.calls.refused(answer.token);
    return { kind: 'unauthorized', tokenVersion: answer.token.version };
  }
}
