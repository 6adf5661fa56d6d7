import { raisedAt, noEffects, type Effects, type MirrorView } from '../core/effects.js';
import type { FamilyReading } from '../core/model.js';
import { planPage } from '../core/plan-page.js';
import { resourceAnswered, takeFailure } from '../lanes/call-failure.js';
import type { CallSlot } from '../lanes/call-slots.js';
import type { Lane } from '../lanes/lane.js';
import type { FetchWork } from '../lanes/lane-work.js';
import type { PageOutcome } from '../ports/call-outcomes.js';
import { planContext, recordFault } from '../records/fetch-record.js';
import { LIST_NOT_FOUND } from './list-not-found.js';
import { readRows } from './read-rows.js';

export interface FamilyWork extends FetchWork {
  readonly family: FamilyReading;
}

type Page = Extract<PageOutcome, { kind: 'page' }>;

/**
 * Reads one page of the parts of a whole that has changed, by the parts' list, and commits what it shows together with the
 * place where the reading goes on. At its end those parts of the mirror that it has not met are asked for one by one: what
 * becomes of them is decided like any other absence. A whole that changes meanwhile has it begin again.
 */
export async function readFamily(lane: Lane, work: FamilyWork, slot: CallSlot, probing: boolean): Promise<void> {
  const { entry, spec, family } = work;
  const { process, shard } = lane;
  if (family.gone) return askEach(lane, work, slot);
  const readSeq = shard.nextReadSeq();
  const readAt = process.now();
  const call = lane.callContext(work.work, probing);
  const reading = process.connector.readFamily?.(call, spec, family.wholeId, family.position);
  if (reading === undefined) throw new Error(`the connector reads no families, but ${spec.name} is one`);
  const outcome = await slot.during(reading);
  process.called('family', outcome.kind, outcome.tookMs / 1000);
  await process.fault('sync:page');
  if (outcome.kind === 'page') {
    resourceAnswered(lane, spec, outcome.tookMs);
    lane.listedAt.set(spec.name, readAt);
    slot.release();
    return commitPage(lane, work, outcome, { readSeq, readAt });
  }
  if (outcome.kind === 'filter-ignored') {
    lane.answered(null, outcome.tookMs);
    return leaveToSweeps(lane, work);
  }
  if (outcome.kind === 'restart' || outcome.kind === 'not-found') {
    return void (await recordFault(lane, entry, outcome.kind === 'restart' ? outcome.kind : LIST_NOT_FOUND));
  }
  if (takeFailure(lane, outcome, { spec, work: work.work, entry }) === 'held') return;
  slot.release();
  await recordFault(lane, entry, outcome.kind === 'record-fault' ? outcome.detail : outcome.kind);
}

async function commitPage(
  lane: Lane,
  { entry, spec, family }: FamilyWork,
  page: Page,
  read: { readonly readSeq: bigint; readonly readAt: number },
): Promise<void> {
  const rows = readRows(lane, spec, page.rows);
  const hashes = new Map(rows.map((row) => [row.ref.recordId, row.hash]));
  const startSeq = family.seq === null ? read.readSeq : BigInt(family.seq);
  const met = [...new Set([...family.met, ...page.rows.map(({ recordId }) => recordId)])];
  const known = page.next === null ? await partsInMirror(lane, spec.name, family.wholeId, startSeq) : [];
  const absent = known.filter((id) => !met.includes(id));
  const next: FamilyReading = { ...family, position: page.next, seq: String(startSeq), met };
  const decide = (view: MirrorView): Effects => {
    const context = planContext(lane, spec);
    const noticedAt = (recordId: string): number | null => lane.queue.noticedAt(spec.name, recordId);
    const shown = { cause: 'poll', pass: null, runId: null, rows, absent, noticedAt, ...read } as const;
    const effects = planPage(shown, lane.tenantId, view, context);
    if (page.next === null) effects.served.push({ entry });
    else effects.delayed.push({ entry, nextAttemptAt: context.now, detail: { ...entry.detail, family: next } });
    return effects;
  };
  const committed = await lane.shard.submit({
    tenantId: lane.tenantId,
    resource: spec.name,
    refs: rows.map((row) => row.ref),
    wantsBody: (row) => row.listHash !== hashes.get(row.recordId),
    decide,
  });
  lane.settle(committed);
  lane.shard.touched(lane.tenantId, spec.name);
}

/** The whole is gone: its parts, as the mirror knows them, are asked for. No list by it is needed, and none is believed. */
async function askEach(lane: Lane, { entry, spec, family }: FamilyWork, slot: CallSlot): Promise<void> {
  slot.release();
  const ids = await partsInMirror(lane, spec.name, family.wholeId, lane.shard.nextReadSeq());
  const now = lane.process.now();
  const { tenantId } = lane;
  const raised = ids.map((recordId) => raisedAt(now, { tenantId, resource: spec.name, recordId }, 'poll'));
  const committed = await lane.shard.submit({
    tenantId,
    resource: spec.name,
    refs: [],
    wantsBody: () => false,
    decide: () => ({ ...noEffects(), raised, served: [{ entry }] }),
  });
  lane.settle(committed);
}

/** Rows of other wholes: the filter is not looked at here. Remembered, and left to the sweeps for now. */
async function leaveToSweeps(lane: Lane, { entry, spec }: FamilyWork): Promise<void> {
  const { tenantId, process } = lane;
  process.log.info(
    { tenantId, resource: spec.name },
    'the vendor ignores the filter by whole: sweeps find these parts',
  );
  const committed = await lane.shard.submit({
    tenantId,
    resource: spec.name,
    refs: [],
    wantsBody: () => false,
    decide: (view) => ({
      ...noEffects(),
      served: [{ entry }],
      facts: { ...view.facts(tenantId, spec.name), familyIgnoredAt: process.now() },
    }),
  });
  lane.settle(committed);
}

/** Parts of a whole that were last read before. */
function partsInMirror(lane: Lane, resource: string, wholeId: string, readBefore: bigint): Promise<string[]> {
  return lane.shard.mirror.liveIdsOfWhole({ tenantId: lane.tenantId, resource, readBefore }, wholeId);
}
