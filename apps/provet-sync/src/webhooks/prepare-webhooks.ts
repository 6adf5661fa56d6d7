import type { KeyObject } from 'node:crypto';
import { webhookKeyId } from '@relay/contracts';
import type { CallContext, PrepareOutcome } from '@relay/sync-engine';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { notedHooks, type HookBook } from './hook-book.js';
import { outdatedHooks, resourcesInPlace, standingOf, wantedHooks, type WantedHook } from './hook-plan.js';
import { hookName, knownHooks, type HookTarget } from './known-hooks.js';
import {
  createHook,
  deleteHook,
  learnTargetMember,
  listHooks,
  type Hook,
  type HookAnswer,
  type ManualReason,
} from './webhook-calls.js';

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
      readonly book: HookBook;
    };

/** What the hooks follow from beside the tenant: when it changes, they are looked at again. Says nothing of a key. */
export function preparesBy(settings: WebhookSettings): string {
  if (settings.mode !== 'provision') return settings.mode;
  const { publicUrl, keys, resources } = settings;
  return [settings.mode, publicUrl, webhookKeyId(keys[0]), ...resources].join(' ');
}

/** `content_type` of a hook: form, the vendor's own default and the form that live receivers read. */
const FORM = 1;

/**
 * Sees to it that the tenant has one organisation-wide hook for every trigger of the enabled resources, with a URL of the
 * first key. Hooks of ours that an older key has made, or that call another address, are made anew first and removed then:
 * between the two both call, and nothing is missed. Hooks of others are left alone. Where that cannot be done the tenant is
 * "manual": it is relayed all the same, by hooks made by hand and by the checks.
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
  const { publicUrl, keys } = settings;
  const target = { tenantId, host, provetId };
  const wanted = wantedHooks(settings.resources, target, publicUrl, keys);
  const listedAt = now();
  const listed = await listHooks(calls, call);
  if (listed.kind !== 'ok') return given(listed, now() + settings.tryAgainMs);

  const before = knownHooks(listed.value, target, publicUrl, keys);
  const standing = new Map(wanted.map((hook) => [hook, standingOf(hook, before)]));
  const toMake = new Set(wanted.filter((hook) => standing.get(hook) !== 'current'));
  let refused: ManualReason | null = null;
  const makesAny = toMake.size > 0;
  if (makesAny) {
    const made = await createMissing(calls, call, settings.targetMember, toMake);
    if (made.kind === 'failed') return made.failure;
    if (made.kind === 'manual') refused = made.reason;
  }
  const current = new Set(wanted.filter((hook) => !toMake.has(hook)).map((hook) => hook.trigger.number));
  const outdated = outdatedHooks(before, wanted, current);
  for (const id of outdated) {
    const gone = await deleteHook(calls, call, id);
    if (gone.kind === 'failed') return gone.failure;
    if (gone.kind === 'manual') refused ??= gone.reason;
  }
  const noting = await noteHooks(calls, call, settings, {
    wanted,
    target,
    listedAt,
    now,
    listed: makesAny || outdated.length > 0 ? null : listed.value,
  });
  if (noting?.kind === 'failed') return noting.failure;
  const unserved = new Set([...toMake].filter((hook) => standing.get(hook) === 'none'));
  return {
    kind: 'ready',
    noticesFor: resourcesInPlace(wanted, unserved),
    reason: refused,
    againAt: refused === null ? null : now() + settings.tryAgainMs,
  };
}

interface Noting {
  readonly wanted: readonly WantedHook[];
  readonly target: HookTarget;
  readonly listedAt: number;
  readonly now: () => number;
  /** Null: they have changed since. */
  readonly listed: readonly Hook[] | null;
}

/** Remembers which key each hook uses now. */
async function noteHooks(
  calls: ProvetCalls,
  call: CallContext,
  { publicUrl, keys, book }: Extract<WebhookSettings, { mode: 'provision' }>,
  { wanted, target, listedAt, now, listed }: Noting,
): Promise<HookAnswer<null> | null> {
  const at = listed === null ? now() : listedAt;
  const answer = listed === null ? await listHooks(calls, call) : { kind: 'ok' as const, value: listed };
  if (answer.kind !== 'ok') return answer;
  const known = knownHooks(answer.value, target, publicUrl, keys);
  await book.note(target.tenantId, at, notedHooks(answer.value, known, wanted, target, publicUrl));
  return null;
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
      name: hookName(hook.trigger.number),
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
