import type { CallContext, CallFailure } from '@relay/sync-engine';
import { WEBHOOK_LIMITS } from '../catalogue/catalogue.js';
import type { CallAnswer, ProvetCalls } from '../calls/provet-calls.js';
import { jsonObject } from '../records/record-id.js';
import { targetMemberOf } from './target-member.js';

const PATH = 'hook/webhook/';
/** Far more hooks than any practice has; a list that never ends must not hold the lane. */
const MAX_PAGES = 100;

/** Why webhooks are left to people at this tenant. Stands as `reason` in sync-status. */
export type ManualReason =
  'webhooks-forbidden' | 'webhooks-not-offered' | 'webhooks-target-unknown' | 'webhooks-refused';

export type HookAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** No hooks can be made here by us. */
  | { readonly kind: 'manual'; readonly reason: ManualReason }
  | { readonly kind: 'failed'; readonly failure: CallFailure & { readonly tookMs: number } };

export type Hook = Readonly<Record<string, unknown>>;

/** All hooks of the tenant, also other people's. */
export async function listHooks(calls: ProvetCalls, call: CallContext): Promise<HookAnswer<readonly Hook[]>> {
  const hooks: Hook[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const query = page === 1 ? 'page_size=50' : `page=${page}&page_size=50`;
    const answer = await calls.send(call, {
      method: 'GET',
      path: PATH,
      query,
      route: PATH,
      budget: { endpoint: PATH, operation: 'list', limit: WEBHOOK_LIMITS.list, weight: 1 },
    });
    if (answer.kind !== 'success') return withoutHooks(answer);
    const body = jsonObject(answer.text);
    const results = body?.['results'];
    if (!Array.isArray(results)) return shapeFault(answer.tookMs);
    hooks.push(...results.filter((hook): hook is Hook => typeof hook === 'object' && hook !== null));
    if (typeof body?.['next'] !== 'string' || results.length === 0) break;
  }
  return { kind: 'ok', value: hooks };
}

/** The member that takes the target, learnt from the live endpoint. */
export async function learnTargetMember(calls: ProvetCalls, call: CallContext): Promise<HookAnswer<string>> {
  const answer = await calls.send(call, {
    method: 'OPTIONS',
    path: PATH,
    route: PATH,
    budget: { endpoint: PATH, operation: 'write', limit: WEBHOOK_LIMITS.write, weight: 1 },
  });
  if (answer.kind !== 'success') return withoutHooks(answer);
  const member = targetMemberOf(answer.text);
  return member === null ? { kind: 'manual', reason: 'webhooks-target-unknown' } : { kind: 'ok', value: member };
}

/** Makes one hook. A lost answer is no reason to repeat it: the next preparation lists first. */
export async function createHook(calls: ProvetCalls, call: CallContext, hook: Hook): Promise<HookAnswer<null>> {
  const answer = await calls.send(call, {
    method: 'POST',
    path: PATH,
    route: PATH,
    budget: { endpoint: PATH, operation: 'write', limit: WEBHOOK_LIMITS.write, weight: 1 },
    json: hook,
  });
  return answer.kind === 'success' ? { kind: 'ok', value: null } : withoutHooks(answer);
}

/** Puts a hook right. One that has gone meanwhile is made anew by the next preparation. */
export async function changeHook(
  calls: ProvetCalls,
  call: CallContext,
  id: string,
  change: Hook,
): Promise<HookAnswer<null>> {
  const answer = await calls.send(call, {
    method: 'PATCH',
    path: `${PATH}${encodeURIComponent(id)}/`,
    route: `${PATH}{id}/`,
    budget: { endpoint: PATH, operation: 'write', limit: WEBHOOK_LIMITS.write, weight: 1 },
    json: change,
  });
  return answer.kind === 'success' ? { kind: 'ok', value: null } : withoutHooks(answer);
}

/** Removes one hook. One that is not there any more is as good as removed. */
export async function deleteHook(calls: ProvetCalls, call: CallContext, id: string): Promise<HookAnswer<null>> {
  const answer = await calls.send(call, {
    method: 'DELETE',
    path: `${PATH}${encodeURIComponent(id)}/`,
    route: `${PATH}{id}/`,
    budget: { endpoint: PATH, operation: 'write', limit: WEBHOOK_LIMITS.write, weight: 1 },
  });
  if (answer.kind === 'success' || answer.kind === 'missing') return { kind: 'ok', value: null };
  // 204 has no body, which is no answer to anything else that is asked here.
  if (answer.kind === 'record-fault' && answer.status === 204) return { kind: 'ok', value: null };
  return withoutHooks(answer);
}

function withoutHooks(answer: Exclude<CallAnswer, { kind: 'success' }>): HookAnswer<never> {
  if (answer.kind === 'forbidden') return { kind: 'manual', reason: 'webhooks-forbidden' };
  if (answer.kind === 'missing') return { kind: 'manual', reason: 'webhooks-not-offered' };
  // Without a status it is the answer's body that cannot be used, which says nothing about hooks.
  if (answer.kind === 'record-fault' && answer.status !== undefined) {
    return { kind: 'manual', reason: answer.status === 405 ? 'webhooks-not-offered' : 'webhooks-refused' };
  }
  return { kind: 'failed', failure: answer };
}

function shapeFault(tookMs: number): HookAnswer<never> {
  return { kind: 'failed', failure: { kind: 'record-fault', detail: 'not-a-page', tookMs } };
}
