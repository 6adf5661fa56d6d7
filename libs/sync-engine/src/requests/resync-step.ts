import type { RequestState } from '../core/request-state.js';
import type { Lane } from '../lanes/lane.js';
import { cursorOp, factsOp } from '../lanes/lane-ops.js';
import { askedRecord } from './asked-record.js';
import { nextRecords } from './next-records.js';
import type { RequestJob, RequestJobsPorts } from './request-job.js';

/**
 * Asks for the next records of a resync, while not too many of its own wait. Only the mirror's records can be walked; what
 * the vendor has beside them is found by the checks, which are brought forward at the end.
 */
export async function resyncStep(
  { row, shard }: RequestJob,
  lane: Lane,
  { process, store }: RequestJobsPorts,
): Promise<RequestState> {
  const { requestPage } = process.rules;
  if (lane.queue.askedBy(row.requestId) >= requestPage) return row.state;
  const next = await nextRecords(store, row, requestPage);
  if (next.state.walked && row.state.recordIds === null) await bringChecksForward(lane, row.state);
  const asked = { requestId: row.requestId, kind: 'resync', at: process.now() } as const;
  const raised = next.refs.map((ref) => askedRecord(process.connector, ref, asked));
  const entries = await shard.fenced(async (unit) => {
    const made = await unit.ask(raised);
    await unit.writeRequest({ ...row, state: next.state });
    return made;
  });
  shard.noticed(entries);
  return next.state;
}

/** A check of everything is due now; for a time range, the check of what was changed since. */
async function bringChecksForward(lane: Lane, { resources, from }: RequestState): Promise<void> {
  const now = lane.process.now();
  for (const spec of lane.process.connector.resources.filter(({ name }) => resources.includes(name))) {
    // What is not live yet is being read as a whole anyway.
    if (lane.facts(spec.name).liveAt === null) continue;
    const changed = spec.passes.filter((pass) => pass.reads === 'changed');
    const isRange = from !== null && changed.length > 0;
    if (isRange) {
      await lane.shard.submit(
        factsOp(lane.tenantId, spec.name, (facts) => ({
          ...facts,
          watermark: facts.watermark === null ? null : Math.min(facts.watermark, from),
        })),
      );
    }
    for (const pass of isRange ? changed : spec.passes.filter(({ reads }) => reads !== 'changed')) {
      const cursor = lane.cursor(spec.name, pass.name);
      if (pass.everySeconds === null || cursor.running) continue;
      const due = { ...cursor, nextAttemptAt: now, startedAt: cursor.startedAt ?? now };
      await lane.shard.submit(cursorOp(lane.tenantId, spec.name, due));
      lane.setCursor(spec.name, due);
    }
  }
  lane.wake();
}
