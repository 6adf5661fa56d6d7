import { standingOf } from '../core/standing.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { EngineStore } from '../ports/engine-store.js';
import { askedRecord } from './asked-record.js';
import { lookUp } from './look-up.js';
import type { Answer, Question } from './question.js';

/**
 * Has one record read now. A tenant that is not called at the moment answers from its state. Else the question waits with
 * the record, durably; the answer comes when it was fetched, by whoever owns the shard then.
 */
export async function verifyRecord(
  { request, tenant, shard, isEnabled }: Question,
  store: EngineStore,
  process: LaneProcess,
): Promise<Answer> {
  const { requestId, tenantId, resource } = request;
  const [recordId] = request.recordIds ?? [];
  if (resource === null || recordId === undefined) return { status: 'refused', code: 'invalid-request' };
  const ref = { tenantId, resource, recordId };
  const record = await lookUp(store, process.connector, shard, ref);
  if (!isEnabled(resource)) return { status: 'done', outcome: 'not-enabled', record };
  const lane = shard.lanes.get(tenantId) ?? null;
  const standing = standingOf(tenant, lane?.state ?? null);
  if (lane === null || standing !== null) {
    const { outcome = 'paused' as const, since = null, detail = tenant.state } = standing ?? {};
    const instant = since === null ? null : new Date(since).toISOString();
    return { status: 'done', outcome, since: instant, detail, record };
  }
  const asked = { requestId, kind: 'verify', at: process.now() } as const;
  const entries = await shard.fenced((unit) => unit.ask([askedRecord(process.connector, ref, asked)]));
  // Whether it is permitted by now is part of the question.
  if (lane.facts(resource).forbiddenUntil !== null) lane.agenda.throttle(resource, 'live', 0);
  shard.noticed(entries);
  return { status: 'accepted', record };
}
