import type { CallContext } from '@relay/sync-engine';
import { TRIGGERS, type WebhooksStatus } from '@relay/contracts';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { WEBHOOK_LIMITS } from '../catalogue/catalogue.js';
import { jsonObject } from '../records/record-id.js';
import { queueRows, type QueueReading, type QueueRow } from './queue-rows.js';

const PATH = 'hook/queue/';

export interface QueueFindings {
  readonly state: Exclude<WebhooksStatus['queue'], 'not-read'>;
  /** Resources of which a delivery to us has failed since the last look. */
  readonly checkSoon: readonly string[];
  /** The newest row that was seen; what was seen before is no news. */
  readonly seenUpTo: number | null;
}

/** A burst of deliveries may fill more than one page between two looks; one that fills more than these is looked at whole. */
const MOST_PAGES = 5;

interface Known {
  readonly ours: Readonly<Record<string, number>>;
  readonly seenUpTo: number | null;
}

/**
 * Looks for failed deliveries to our hooks in the vendor's own list, newest first, back to what was seen before. Rows name no
 * record, so the whole resource is looked at for changes. Null: no answer this time, which says nothing.
 */
export async function readQueue(
  calls: ProvetCalls,
  call: CallContext,
  reading: QueueReading,
  known: Known,
): Promise<QueueFindings | null> {
  const nothing = { checkSoon: [], seenUpTo: known.seenUpTo };
  const rows: QueueRow[] = [];
  for (let page = 1; ; page += 1) {
    const found = await readQueuePage(calls, call, reading, page);
    if (found === null || typeof found === 'string') return found === null ? null : { state: found, ...nothing };
    rows.push(...found.rows);
    const isAllNews = known.seenUpTo !== null && found.rows.every(({ at }) => at > (known.seenUpTo ?? 0));
    if (!found.hasNext || !isAllNews) return findingsOf(rows, known, false);
    if (page === MOST_PAGES) return findingsOf(rows, known, true);
  }
}

/** `isCutOff`: there is more news than was read, so any of our hooks may have failed. */
function findingsOf(rows: readonly QueueRow[], { ours, seenUpTo }: Known, isCutOff: boolean): QueueFindings {
  const failed = rows.filter(({ isFailed, at }) => isFailed && at > (seenUpTo ?? 0)).map(({ hookId }) => hookId);
  const resources = (isCutOff ? Object.keys(ours) : failed).flatMap((hookId) => {
    const resource = TRIGGERS.get(ours[hookId] ?? 0)?.resource ?? null;
    return resource === null ? [] : [resource];
  });
  const newest = Math.max(seenUpTo ?? 0, ...rows.map(({ at }) => at));
  return { state: 'read', checkSoon: [...new Set(resources)], seenUpTo: newest === 0 ? null : newest };
}

/** One page, or why there is none; null: no answer this time. */
async function readQueuePage(
  calls: ProvetCalls,
  call: CallContext,
  reading: QueueReading,
  page: number,
): Promise<{ readonly rows: QueueRow[]; readonly hasNext: boolean } | 'not-allowed' | 'not-understood' | null> {
  const answer = await calls.send(call, {
    method: 'GET',
    path: PATH,
    query: page === 1 ? 'page_size=50' : `page_size=50&page=${page}`,
    route: PATH,
    budget: { endpoint: PATH, operation: 'list', limit: WEBHOOK_LIMITS.list, weight: 1 },
  });
  if (answer.kind === 'missing' && page > 1) return { rows: [], hasNext: false };
  if (answer.kind === 'forbidden' || answer.kind === 'missing') return 'not-allowed';
  if (answer.kind === 'record-fault') return 'not-understood';
  if (answer.kind !== 'success') return null;
  const body = jsonObject(answer.text);
  const results = body?.['results'];
  const rows = Array.isArray(results) ? queueRows(results, reading) : null;
  return rows === null
    ? 'not-understood'
    : { rows, hasNext: typeof body?.['next'] === 'string' && body['next'] !== '' };
}
