import type { KeyObject } from 'node:crypto';
import type { CallContext, PrepareOutcome } from '@relay/sync-engine';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { isPresent, resourcesInPlace, wantedHooks, type WantedHook } from './hook-plan.js';
import { createHook, learnTargetMember, listHooks, type HookAnswer, type ManualReason } from './webhook-calls.js';

export const WEBHOOK_MODES = ['provision', 'manual', 'off'] as const;

export type WebhookSettings =
  | { readonly mode: 'manual' | 'off' }
  | {
      readonly mode: 'provision';
      readonly publicUrl: string;
      readonly keys: readonly [KeyObject, ...KeyObject[]];
      /** Null: learnt from the endpoint. */
      readonly targetMember: string | null;
      readonly resources: readonly string[];
      /** A permission may be granted, a hook made by hand, at any time: looked at again after this long. */
      readonly tryAgainMs: number;
    };

/** `content_type` of a hook: form, the vendor's own default and the form that live receivers read. */
const FORM = 1;

/**
 * Sees to it that the tenant has one organisation-wide hook for every trigger of the enabled resources. Hooks of others
 * are left alone. Where that cannot be done the tenant is "manual": it is relayed all the same, by hooks made by hand and
 * by the checks.
 */
export async function prepareWebhooks(
  calls: ProvetCalls,
  call: CallContext,
  settings: WebhookSettings,
  now: () => number = Date.now,
): Promise<PrepareOutcome> {
  if (settings.mode !== 'provision') return leftToPeople(`webhooks-${settings.mode}`, null);
  const { tenantId, host, provetId } = call.tenant;
  if (host === null || provetId === null) return leftToPeople('webhooks-refused', null);

  const listed = await listHooks(calls, call);
  if (listed.kind !== 'ok') return given(listed, now() + settings.tryAgainMs);
  const target = { tenantId, host, provetId };
  const wanted = wantedHooks(settings.resources, target, settings.publicUrl, settings.keys);
  const missing = new Set(wanted.filter((hook) => !isPresent(hook, listed.value)));
  let refused: ManualReason | null = null;
  if (missing.size > 0) {
    const made = await createMissing(calls, call, settings.targetMember, missing);
    if (made.kind === 'failed') return made.failure;
    if (made.kind === 'manual') refused = made.reason;
  }
  return {
    kind: 'ready',
    noticesFor: resourcesInPlace(wanted, missing),
    reason: refused,
    againAt: refused === null ? null : now() + settings.tryAgainMs,
  };
}

/** Creates one hook after the other and takes each from `missing` once it stands. */
async function createMissing(
  calls: ProvetCalls,
  call: CallContext,
  knownMember: string | null,
  missing: Set<WantedHook>,
): Promise<HookAnswer<null>> {
  const learnt =
    knownMember === null ? await learnTargetMember(calls, call) : { kind: 'ok' as const, value: knownMember };
  if (learnt.kind !== 'ok') return learnt;
  let result: HookAnswer<null> = { kind: 'ok', value: null };
  for (const hook of missing) {
    const made = await createHook(calls, call, {
      trigger: hook.trigger.number,
      name: `Practice Relay ${hook.trigger.number}`,
      [learnt.value]: hook.url,
      content_type: FORM,
      active: true,
    });
    if (made.kind === 'failed') return made;
    if (made.kind === 'manual') {
      result = made;
      // One trigger may be refused by itself (400); a missing permission refuses them all.
      if (made.reason !== 'webhooks-refused') break;
    } else {
      missing.delete(hook);
    }
  }
  return result;
}

function given(answer: Exclude<HookAnswer<unknown>, { kind: 'ok' }>, againAt: number): PrepareOutcome {
  return answer.kind === 'manual' ? leftToPeople(answer.reason, againAt) : answer.failure;
}

function leftToPeople(reason: string, againAt: number | null): PrepareOutcome {
  return { kind: 'ready', noticesFor: [], reason, againAt };
}
