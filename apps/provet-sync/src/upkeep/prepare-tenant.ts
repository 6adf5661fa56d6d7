import type { CallContext, LastPreparation, NoticesReport, PrepareOutcome } from '@relay/sync-engine';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { prepareWebhooks, type WebhookSettings, type WebhooksOutcome } from '../webhooks/prepare-webhooks.js';
import { memoOf, type UpkeepMemo } from './memo.js';
import { probeAccess } from './probe-access.js';
import type { QueueReading } from './queue-rows.js';
import { readQueue } from './read-queue.js';

/** What a permission template or a practice has to grant so that the relay can make webhooks. */
export const HOOK_PERMISSION = 'Settings: Integration settings';
const DAY_MS = 86_400_000;

export interface UpkeepSettings {
  readonly resources: readonly string[];
  /** Null: the vendor's list of deliveries is not read. */
  readonly queue: (QueueReading & { readonly everyMs: number }) | null;
  readonly random: () => number;
}

/**
 * Prepares a tenant and keeps it so: its webhooks and its permissions once a day, webhooks also when changes came without a
 * notice, the vendor's list of deliveries at a pace of its own. Each piece is done when it is due; what is not due is taken
 * from the memo.
 */
export async function prepareTenant(
  calls: ProvetCalls,
  call: CallContext,
  settings: { readonly webhooks: WebhookSettings; readonly upkeep: UpkeepSettings },
  last: LastPreparation,
  now: () => number,
): Promise<PrepareOutcome> {
  const { upkeep } = settings;
  const before = last.why === 'anew' ? null : memoOf(last.memo);
  const daily = (): number => Math.round(now() + DAY_MS * (0.9 + 0.2 * upkeep.random()));
  const hooks = await lookAtHooks(calls, call, settings.webhooks, last.why, before, { now, daily });
  if (hooks.kind === 'failed') return hooks.failure;

  const isAccessDue = before === null || last.why === 'asked' || before.accessAgainAt <= now();
  const probed = isAccessDue ? await probeAccess(calls, call, upkeep.resources, now) : null;
  const accessAgainAt = probed === null ? (before?.accessAgainAt ?? daily()) : (probed.againAt ?? daily());

  const queue = await lookAtQueue(calls, call, upkeep, last.why, { ...NO_QUEUE, ...before, ...hooks.memo }, now);
  const memo: UpkeepMemo = { ...hooks.memo, ...queue.memo, accessAgainAt };
  const times = [memo.hooksAgainAt, memo.accessAgainAt, memo.queueAgainAt].filter((at) => at !== null);
  return {
    kind: 'ready',
    noticesFor: memo.noticesFor,
    reason: memo.reason,
    againAt: Math.min(...times),
    notices: reportOf(settings.webhooks, memo),
    access: probed?.access ?? {},
    checkSoon: queue.checkSoon,
    memo,
  };
}

type HookMemo = Pick<UpkeepMemo, 'hooksAgainAt' | 'noticesFor' | 'reason' | 'isForbidden' | 'ours' | 'departmentOnly'>;
type QueueMemo = Pick<UpkeepMemo, 'queueAgainAt' | 'queueSeenUpTo' | 'queue'>;
const NO_QUEUE: QueueMemo = { queueAgainAt: null, queueSeenUpTo: null, queue: 'not-read' };

async function lookAtHooks(
  calls: ProvetCalls,
  call: CallContext,
  webhooks: WebhookSettings,
  why: LastPreparation['why'],
  before: UpkeepMemo | null,
  { now, daily }: { readonly now: () => number; readonly daily: () => number },
): Promise<
  { kind: 'seen'; memo: HookMemo } | { kind: 'failed'; failure: Exclude<WebhooksOutcome, { kind: 'ready' }> }
> {
  if (before !== null && why === 'due' && before.hooksAgainAt > now()) return { kind: 'seen', memo: before };
  const outcome = await prepareWebhooks(calls, call, webhooks, now);
  if (outcome.kind !== 'ready') return { kind: 'failed', failure: outcome };
  const { noticesFor, reason, againAt, refused = null, ours = {}, departmentOnly = [] } = outcome;
  const isForbidden = reason === 'webhooks-forbidden' || refused === 'webhooks-forbidden';
  const memo = { hooksAgainAt: againAt ?? daily(), noticesFor, reason, isForbidden, ours, departmentOnly };
  return { kind: 'seen', memo };
}

/** Early after a doubt: what was lost may stand in the list. Where it cannot be read, once a day is often enough. */
async function lookAtQueue(
  calls: ProvetCalls,
  call: CallContext,
  { queue }: UpkeepSettings,
  why: LastPreparation['why'],
  memo: QueueMemo & HookMemo,
  now: () => number,
): Promise<{ readonly memo: QueueMemo; readonly checkSoon: readonly string[] }> {
  const { queueAgainAt, queueSeenUpTo } = memo;
  if (queue === null || Object.keys(memo.ours).length === 0) return { memo: NO_QUEUE, checkSoon: [] };
  if (why === 'due' && queueAgainAt !== null && queueAgainAt > now()) return { memo: queueOf(memo), checkSoon: [] };
  // Failures from before the first look were found by the first reading.
  const known = { ours: memo.ours, seenUpTo: queueSeenUpTo ?? now() };
  const found = await readQueue(calls, { ...call, work: 'reconcile' }, queue, known);
  if (found === null) return { memo: { ...queueOf(memo), queueAgainAt: now() + queue.everyMs }, checkSoon: [] };
  const pause = found.state === 'read' ? queue.everyMs : DAY_MS;
  return {
    memo: { queue: found.state, queueSeenUpTo: found.seenUpTo, queueAgainAt: now() + pause },
    checkSoon: found.checkSoon,
  };
}

function queueOf({ queueAgainAt, queueSeenUpTo, queue }: QueueMemo): QueueMemo {
  return { queueAgainAt, queueSeenUpTo, queue };
}

function reportOf(webhooks: WebhookSettings, memo: UpkeepMemo): NoticesReport {
  const otherwise = webhooks.mode === 'off' ? 'off' : memo.isForbidden ? 'forbidden' : 'missing';
  return {
    otherwise,
    permission: memo.isForbidden ? HOOK_PERMISSION : null,
    departmentOnly: memo.departmentOnly,
    queue: memo.queue,
  };
}
