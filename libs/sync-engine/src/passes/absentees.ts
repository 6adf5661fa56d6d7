import type { PassCursor } from '../core/model.js';
import { expectedIn } from '../core/window-absence.js';
import type { Lane } from '../lanes/lane.js';
import type { PageOutcome } from '../ports/call-outcomes.js';
import type { PassSpec, ResourceSpec } from '../ports/connector.js';

export type Page = Extract<PageOutcome, { kind: 'page' }>;

/** Where a lane keeps what a run under way has met. */
export const metKey = (spec: ResourceSpec, pass: PassSpec): string => `${spec.name}\0${pass.name}`;

export interface Absentees {
  readonly absent: string[];
  /** To be kept for the next run; null = as before, `unknown` = what this run has met died with the process that began it. */
  readonly met: string[] | 'unknown' | null;
  /** When records of what was left out were last asked for. */
  readonly followedAt?: number | null;
}

/** Records that the pass should have met. */
export async function absentees(
  lane: Lane,
  spec: ResourceSpec,
  pass: PassSpec,
  before: PassCursor,
  after: PassCursor,
  page: Page,
  readSeq: bigint,
): Promise<Absentees> {
  if (!pass.provesAbsence) return { absent: [], met: null };
  const at = { tenantId: lane.tenantId, resource: spec.name, readBefore: readSeq };
  const shown = new Set(page.rows.map((row) => row.recordId));
  const isWhole = pass.reads === 'everything';
  if (isWhole && before.lastId !== null && after.lastId !== null) {
    // Judged by ranges, the run needs nothing of what it has met.
    lane.met.delete(metKey(spec, pass));
    const upTo = after.readToEnd ? null : after.lastId;
    const ids = await lane.shard.mirror.liveIdsBetween(at, before.lastId, upTo);
    return { absent: ids.filter((id) => !shown.has(id)), met: null };
  }
  // Pages that came in order were judged by their range and not kept: such a run knows too little for the other way.
  if (isWhole && before.lastId !== null && before.done > 0) lane.met.delete(metKey(spec, pass));
  const run = lane.met.get(metKey(spec, pass));
  for (const id of shown) run?.ids.add(id);
  if (!after.readToEnd) return { absent: [], met: null };
  // After a crash in the middle of a run nothing is known of its first pages: the next run judges.
  if (run === undefined) return { absent: [], met: isWhole ? null : 'unknown' };
  lane.met.delete(metKey(spec, pass));
  if (isWhole) {
    const all = await lane.shard.mirror.liveIds({ ...at, readBefore: run.startSeq });
    return { absent: all.filter((id) => !run.ids.has(id)), met: null };
  }
  // Where it is not known what the run before has met, that may have been any record; those of other windows are told apart.
  const expected =
    before.met === null && before.completedAt !== null && spec.placedBy !== undefined
      ? await lane.shard.mirror.liveIds({ ...at, readBefore: run.startSeq })
      : expectedIn(pass, spec.passes, before, (name) => lane.cursor(spec.name, name));
  const missing = expected.filter((id) => !run.ids.has(id));
  if (page.leftOut === undefined) return { absent: missing, met: [...run.ids], followedAt: null };
  // They may well be where nothing could be read: now and then each is asked for by its id, and none is forgotten.
  const now = lane.process.now();
  const lastAt = before.followedAt ?? null;
  const isDue = lastAt === null || now - lastAt >= lane.process.rules.followLeftOutMs;
  return { absent: isDue ? missing : [], met: [...run.ids, ...missing], followedAt: isDue ? now : lastAt };
}
