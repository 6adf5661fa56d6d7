import type { VerifyOutcome } from '@relay/contracts';
import type { Asked, PendingEntry } from '../core/model.js';
import { standingOf } from '../core/standing.js';
import type { Lane } from '../lanes/lane.js';
import { delayOp } from '../lanes/lane-ops.js';
import type { FetchResult } from '../records/fetch-record.js';

const OUTCOMES = {
  same: 'same',
  healed: 'healed',
  gone: 'not-at-vendor',
  merged: 'not-at-vendor',
  'deletion-held': 'not-at-vendor',
  forbidden: 'forbidden',
  unreadable: 'unreadable',
} as const satisfies Partial<Record<FetchResult, VerifyOutcome>>;

const DETAILS: Partial<Record<FetchResult, string>> = {
  'deletion-held': 'its deletion waits for approval: see GET /holds',
  merged: 'the vendor says that it has become part of another record',
};

/** A record that an operator has asked for was fetched: says what came of it. What waits on does so without the question. */
export async function concludeAsked(lane: Lane, entry: PendingEntry, result: FetchResult): Promise<void> {
  const { asked } = entry.detail;
  if (asked === undefined || result === 'later') return;
  const standing = result === 'undecided' ? standingOf(lane.tenant, lane.state) : null;
  if (result === 'undecided' && (standing === null || asked.kind === 'resync')) return;
  await dropQuestion(lane, entry, asked);
  if (asked.kind !== 'verify') return;
  lane.process.concluded({
    tenantId: entry.tenantId,
    resource: entry.resource,
    recordId: entry.recordId,
    asked,
    outcome: result === 'undecided' ? (standing?.outcome ?? 'paused') : OUTCOMES[result],
    since: standing?.since ?? null,
    detail: DETAILS[result] ?? standing?.detail ?? null,
  });
}

async function dropQuestion(lane: Lane, entry: PendingEntry, asked: Asked): Promise<void> {
  const left = lane.queue.get(entry);
  if (left?.detail.asked?.requestId !== asked.requestId) return;
  const { asked: _asked, ...detail } = left.detail;
  lane.settle(await lane.shard.submit(delayOp({ entry: left, nextAttemptAt: left.nextAttemptAt, detail })));
}
