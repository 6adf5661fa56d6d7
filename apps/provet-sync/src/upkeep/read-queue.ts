import type { CallContext } from '@relay/sync-engine';
import { TRIGGERS, type WebhooksStatus } from '@relay/contracts';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { WEBHOOK_LIMITS } from '../catalogue/catalogue.js';
import { jsonObject } from '../records/record-id.js';
import { queueRows, type QueueReading } from './queue-rows.js';

const PATH = 'hook/queue/';

export interface QueueFindings {
  readonly state: Exclude<WebhooksStatus['queue'], 'not-read'>;
  /** Resources of which a delivery to us has failed since the last look. */
  readonly checkSoon: readonly string[];
  /** The newest row that was seen; what was seen before is no news. */
  readonly seenUpTo: number | null;
}

/**
 * Looks for failed deliveries to our hooks in the vendor's own list, newest first. Rows name no record, so the whole resource
 * is looked at for changes. Null: no answer this time, which says nothing.
 */
export async function readQueue(
  calls: ProvetCalls,
  call: CallContext,
  reading: QueueReading,
  known: { readonly ours: Readonly<Record<string, number>>; readonly seenUpTo: number | null },
): Promise<QueueFindings | null> {
  const answer = await calls.send(call, {
    method: 'GET',
    path: PATH,
    query: 'page_size=50',
    route: PATH,
    budget: { endpoint: PATH, operation: 'list', limit: WEBHOOK_LIMITS.list, weight: 1 },
  });
  const nothing = { checkSoon: [], seenUpTo: known.seenUpTo };
  if (answer.kind === 'forbidden' || answer.kind === 'missing') return { state: 'not-allowed', ...nothing };
  if (answer.kind === 'record-fault') return { state: 'not-understood', ...nothing };
  if (answer.kind !== 'success') return null;
  const results = jsonObject(answer.text)?.['results'];
  const rows = Array.isArray(results) ? queueRows(results, reading) : null;
  if (rows === null) return { state: 'not-understood', ...nothing };
  const failed = rows.filter(({ isFailed, at }) => isFailed && at > (known.seenUpTo ?? 0));
  const resources = failed.flatMap(({ hookId }) => {
    const resource = TRIGGERS.get(known.ours[hookId] ?? 0)?.resource ?? null;
    return resource === null ? [] : [resource];
  });
  const newest = Math.max(known.seenUpTo ?? 0, ...rows.map(({ at }) => at));
  return { state: 'read', checkSoon: [...new Set(resources)], seenUpTo: newest === 0 ? null : newest };
}
