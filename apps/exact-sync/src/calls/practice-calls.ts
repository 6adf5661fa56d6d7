import type { CallContext } from '@relay/sync-engine';
import type { ExactAnswer, FailedAnswer } from './classify-reply.js';
import { practicePath } from './exact-address.js';
import type { ExactCalls } from './exact-calls.js';
import type { PracticeStanding } from './practice-standing.js';

export interface PracticeRequest {
  /** Resource of the catalogue, for telling a missing scope from a lost subscription. */
  readonly resource: string;
  readonly segment: string;
  readonly recordId?: string;
  readonly query?: string;
}

/** An answer about a practice with its 401, 403 and 404 settled. */
export type PracticeAnswer =
  | Exclude<ExactAnswer, { kind: 'ambiguous' }>
  /** 404 of a practice that is subscribed. */
  | { readonly kind: 'missing'; readonly tookMs: number }
  | FailedAnswer;

/** Calls to one practice through the gateway. */
export class PracticeCalls {
  constructor(
    private readonly calls: ExactCalls,
    private readonly standing: PracticeStanding,
  ) {}

  async get(call: CallContext, request: PracticeRequest): Promise<PracticeAnswer> {
    const { segment, recordId, query } = request;
    const { answer, token } = await this.calls.get({
      path: practicePath(call.tenant, segment, recordId),
      ...(query === undefined ? {} : { query }),
      route: `/v1/Practices/{practiceId}/${segment}${recordId === undefined ? '' : '/{id}'}`,
      signal: call.signal,
      timeoutMs: call.timeoutMs,
    });
    if (answer.kind !== 'ambiguous') return answer;
    const settled = await this.standing.settle(call, answer.status, token, request.resource);
    return { ...settled, tookMs: answer.tookMs };
  }
}
