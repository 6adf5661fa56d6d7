import type { ExactEnvironment, ExactResource, TenantValue } from '@relay/contracts';
import type { CallContext, CallFailure, WorkClass } from '@relay/sync-engine';
import type { ExactAnswer, FailedAnswer } from './classify-reply.js';
import type { VersionGates } from '../versions/version-gates.js';
import { fitsInPath, practicePath } from './exact-address.js';
import { PracticeBudget } from './practice-budget.js';
import type { CallsByScope, ScopedCalls } from './scoped-calls.js';

export interface PracticeRequest {
  /** Resource of the catalogue: says which token is used, and tells a missing scope from a lost subscription. */
  readonly resource: ExactResource;
  readonly segment: string;
  readonly recordId?: string;
  /** Segment below the record. */
  readonly part?: string | undefined;
  readonly query?: string;
  /** `any`: asked for whatever EXACT the practice has: it is what tells the version. */
  readonly whatVersion?: 'any';
}

/** An answer about a practice with its 401, 403 and 404 settled. */
export type PracticeAnswer =
  | Exclude<ExactAnswer, { kind: 'ambiguous' }>
  /** 404 of a practice that is subscribed. */
  | { readonly kind: 'missing'; readonly tookMs: number }
  | FailedAnswer;

/** The token of a scope set is on its way while that of the base is there: this resource waits, and no other. */
const TOKEN_COMES_MS = 2_000;

/** Calls to one practice through the gateway. */
export class PracticeCalls {
  constructor(
    private readonly scopes: CallsByScope,
    private readonly environment: ExactEnvironment,
    private readonly gates: Pick<VersionGates, 'lacking' | 'refuse'> | null = null,
    /** How many calls each practice gets. */
    readonly budget: PracticeBudget = new PracticeBudget(Infinity),
    private readonly now: () => number = Date.now,
  ) {}

  async get(call: CallContext, request: PracticeRequest): Promise<PracticeAnswer> {
    const scoped = await this.callsFor(call, request);
    if ('kind' in scoped) return { ...scoped, tookMs: 0 };
    const { segment, recordId, part, query } = request;
    if (!fitsInPath(call.tenant.practiceId ?? '') || !fitsInPath(recordId ?? '')) {
      return { kind: 'record-fault', detail: 'unusable-id', tookMs: 0 };
    }
    const waitMs = this.budget.take(call.tenant.tenantId, call.work, this.now());
    if (waitMs !== null) return { kind: 'throttled', retryAfterMs: waitMs, local: true, tookMs: 0 };
    const { answer, token } = await scoped.calls.get({
      path: practicePath(call.tenant, segment, recordId, part),
      ...(query === undefined ? {} : { query }),
      route: `/v1/Practices/{practiceId}/${segment}${recordId === undefined ? '' : '/{id}'}${part === undefined ? '' : `/${part}`}`,
      signal: call.signal,
      timeoutMs: call.timeoutMs,
      // As the lane holds the work back that is told to come again.
      caller: { key: `${call.tenant.tenantId} ${request.resource} ${call.work}`, urgent: isUrgent(call.work) },
    });
    // No call was made: it does not count.
    if (answer.kind === 'no-token' || (answer.kind === 'throttled' && answer.local)) {
      this.budget.giveBack(call.tenant.tenantId, call.work, this.now());
    }
    if (answer.kind === 'record-fault' && answer.status === 501 && this.gates !== null) {
      const reason = this.gates.refuse(call.tenant, request.resource);
      return { kind: 'forbidden', reason, tookMs: answer.tookMs };
    }
    if (answer.kind === 'no-token') return { ...this.withoutToken(), tookMs: answer.tookMs };
    if (answer.kind !== 'ambiguous') return answer;
    const settled = await scoped.standing.settle(call, answer.status, token, request.resource);
    // No other token comes then, and whoever waits for news of one waits in vain: that was said before.
    const isOver = settled.kind === 'unauthorized' && this.scopes.isRejected();
    return { ...(isOver ? await this.rejected() : settled), tookMs: answer.tookMs };
  }

  /** Why the vendor would refuse a resource to us, as far as that is known without a call; null: nothing speaks against it. */
  deniedOf(tenant: TenantValue, resource: ExactResource, whatVersion?: PracticeRequest['whatVersion']): string | null {
    const set = this.scopes.setOf(resource);
    if (set?.kind === 'missing') return `scope-missing: ${set.missing.join(' ')}`;
    return whatVersion === 'any' ? null : (this.gates?.lacking(tenant, resource) ?? null);
  }

  /** What the call may be made with, or why it is not made. */
  private async callsFor(
    { tenant }: CallContext,
    { resource, whatVersion }: PracticeRequest,
  ): Promise<ScopedCalls | CallFailure> {
    // Practices of the other environment may be left on the topics from another configuration: no host of this one hears of
    // them, and none of that one gets our token.
    if (tenant.environment !== this.environment) return { kind: 'forbidden', reason: 'other-environment' };
    const set = this.scopes.setOf(resource);
    if (set === null) return this.withoutToken();
    const reason = this.deniedOf(tenant, resource, whatVersion);
    if (set.kind === 'missing' || reason !== null) return { kind: 'forbidden', ...(reason === null ? {} : { reason }) };
    const scoped = this.scopes.with(set.scopes);
    if (scoped.calls.tokenVersion() !== null) return scoped;
    if (this.scopes.isRejected()) return this.rejected();
    if (!this.scopes.hasToken()) return { kind: 'no-token' };
    return { kind: 'throttled', retryAfterMs: TOKEN_COMES_MS, local: true };
  }

  /** The client is refused, and with it the tokens that it had; or only this resource's is not good any more. */
  private async rejected(): Promise<CallFailure> {
    return (await this.scopes.isOver()) ? this.withoutToken() : { kind: 'forbidden', reason: 'credential-rejected' };
  }

  /** Without a token because the vendor refuses the client itself: nothing here is the practice's. */
  private withoutToken(): CallFailure {
    return this.scopes.isRejected() ? { kind: 'no-token', reason: 'credential-rejected' } : { kind: 'no-token' };
  }
}

/** First readings and sweeps may wait: what is near in time goes before them, of whatever practice. */
function isUrgent(work: WorkClass): boolean {
  return work !== 'backfill' && work !== 'sweep';
}
