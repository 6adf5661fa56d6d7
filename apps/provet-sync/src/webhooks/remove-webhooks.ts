import type { CallContext, DepartOutcome } from '@relay/sync-engine';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { ownHooks } from './hook-plan.js';
import type { WebhookSettings } from './prepare-webhooks.js';
import { deleteHook, listHooks, type HookAnswer } from './webhook-calls.js';

/**
 * Removes every hook of a withdrawn tenant that calls us, whatever trigger, key or person it was made with: nothing of the
 * practice may go on flowing to the relay. Hooks that call anybody else are left alone.
 */
export async function removeWebhooks(
  calls: ProvetCalls,
  call: CallContext,
  settings: WebhookSettings,
): Promise<DepartOutcome> {
  const { host, provetId, tenantId } = call.tenant;
  // Made by people: nobody but they may take them away.
  if (settings.mode !== 'provision') return left(`webhooks-${settings.mode}`, 0);
  if (host === null || provetId === null) return left(null, 0);
  // Whatever is left there: notices of a withdrawn tenant are dropped, whichever key they carry.
  await settings.book.note(tenantId, Date.now(), []);
  const listed = await listHooks(calls, call);
  if (listed.kind !== 'ok') return without(listed, 0);
  let removed = 0;
  let reason: string | null = null;
  for (const id of ownHooks(listed.value, { tenantId, host, provetId }, settings.publicUrl)) {
    const gone = await deleteHook(calls, call, id);
    if (gone.kind === 'ok') removed += 1;
    // One hook may be refused by itself: the others are tried all the same.
    else if (gone.kind === 'manual') reason = gone.reason;
    else return without(gone, removed);
  }
  return left(reason, removed);
}

function left(reason: string | null, removed: number): DepartOutcome {
  return { kind: 'departed', reason, removed, tookMs: 0 };
}

function without(answer: Exclude<HookAnswer<unknown>, { kind: 'ok' }>, removed: number): DepartOutcome {
  return answer.kind === 'manual' ? left(answer.reason, removed) : { ...answer.failure, removed };
}
