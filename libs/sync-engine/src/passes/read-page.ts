import { fullJitter } from '@relay/http-client';
import type { Effects, MirrorView } from '../core/effects.js';
import { compared, newComparison, reportOf, type ComparedPage } from '../core/completeness.js';
import { readOn } from '../core/first-reading.js';
import { isAlias, isKnownAlias } from '../core/merges.js';
import type { HistoryReading, PassCursor, ResourceFacts } from '../core/model.js';
import { advanced, completed, factsAfterPass, isWished, phaseOfTenant, started } from '../core/pass-schedule.js';
import { planPage, type ReadRow } from '../core/plan-page.js';
import { isFulfilled, mustStartAgain } from '../core/reread.js';
import { elsewhere, movedOn } from '../core/window-absence.js';
import { resourceAnswered, takeFailure } from '../lanes/call-failure.js';
import type { CallSlot } from '../lanes/call-slots.js';
import type { Lane } from '../lanes/lane.js';
import type { PageWork } from '../lanes/lane-work.js';
import { cursorOp } from '../lanes/lane-ops.js';
import type { PassSpec, ResourceSpec } from '../ports/connector.js';
import { somethingAnswers } from '../records/confirm-list.js';
import { planContext } from '../records/fetch-record.js';
import { isStaged } from '../lanes/reading-places.js';
import { absentees, metKey, type Absentees, type Page } from './absentees.js';
import { countCheck } from './count-check.js';
import { LIST_NOT_FOUND } from './list-not-found.js';
import { readRows } from './read-rows.js';

/** Reads the next page of a pass and commits what it shows together with the place where the pass goes on. */
export async function readPage(lane: Lane, work: PageWork, slot: CallSlot, probing: boolean): Promise<void> {
  const { spec, pass } = work;
  const { process, shard } = lane;
  const facts = lane.facts(spec.name);
  const cursor = startedCursor(lane, spec, pass, facts);
  const readSeq = shard.nextReadSeq();
  const readAt = process.now();
  const request = {
    spec: pass,
    since: cursor.since,
    startedAt: cursor.startedAt ?? readAt,
    filterHonoured: facts.filterHonoured,
    completedAt: cursor.completedAt,
    isWished: cursor.isWished ?? false,
  };
  await process.fault('sync:before-page');
  const call = lane.callContext(work.work, probing);
  const outcome = await slot.during(process.connector.readPage(call, spec, request, cursor.position));
  process.called('page', outcome.kind, outcome.tookMs / 1000);
  await process.fault('sync:page');
  if (outcome.kind === 'page') {
    resourceAnswered(lane, spec, outcome.tookMs);
    countCheck(lane, work, cursor);
    lane.listedAt.set(spec.name, readAt);
    slot.release();
    return commitPage(lane, work, cursor, outcome, { readSeq, readAt });
  }
  if (outcome.kind === 'filter-ignored') {
    return restart(lane, spec, cursor, 0, (f) => ({ ...f, filterHonoured: false }));
  }
  if (outcome.kind === 'restart') {
    // A pass that can only restart must not run hot.
    return restart(lane, spec, cursor, Math.min(60_000, 1_000 * 2 ** cursor.attempts), (f) => f);
  }
  const isMissing = outcome.kind === 'record-fault' && outcome.detail === LIST_NOT_FOUND;
  if (outcome.kind === 'not-found' || isMissing) return listMissing(lane, work, cursor, slot, probing);
  if (takeFailure(lane, outcome, { spec, work: work.work, entry: null }) === 'held') {
    if (outcome.kind === 'unavailable' || outcome.kind === 'gateway-fault') delayInMemory(lane, spec, cursor);
    return;
  }
  return pageFault(lane, work, cursor, outcome.kind === 'record-fault' ? outcome.detail : outcome.kind);
}

function startedCursor(lane: Lane, spec: ResourceSpec, pass: PassSpec, facts: ResourceFacts): PassCursor {
  const cursor = lane.cursor(spec.name, pass.name);
  const key = metKey(spec, pass);
  if (cursor.running && !mustStartAgain(pass, cursor, facts)) {
    return facts.forbiddenUntil === null ? cursor : { ...cursor, isWished: true };
  }
  // Every pass that proves absence keeps what it meets, until its ids turn out to ascend.
  if (pass.provesAbsence) lane.met.set(key, { ids: new Set(), startSeq: lane.shard.nextReadSeq() });
  const since = pass.reads === 'changed' ? facts.watermark : null;
  const isAsked = isWished(pass, cursor, facts, phaseOfTenant(lane.tenantId, pass));
  const run = { ...started(cursor, lane.process.newId(), since, lane.process.now()), isWished: isAsked };
  return { ...run, comparison: compares(pass, facts) ? newComparison(lane.shard.nextReadSeq()) : null };
}

/** A reading that shows the vendor's whole set, once the resource is live. */
const compares = (pass: PassSpec, facts: ResourceFacts): boolean =>
  pass.reads === 'everything' && pass.provesAbsence && facts.liveAt !== null;

async function commitPage(
  lane: Lane,
  { spec, pass }: PageWork,
  cursor: PassCursor,
  page: Page,
  read: { readonly readSeq: bigint; readonly readAt: number },
): Promise<void> {
  const rows = readRows(lane, spec, page.rows);
  const hashes = new Map(rows.map((row) => [row.ref.recordId, row.hash]));
  const now = lane.process.now();
  const facts = {
    recordIds: page.rows.map((row) => row.recordId),
    next: page.next,
    total: page.total,
    vendorTime: page.vendorTime,
  };
  const moved = advanced(cursor, facts, now);
  const { absent, met, followedAt } = await absentees(lane, spec, pass, cursor, moved, page, read.readSeq);
  const cursorOf = (name: PassSpec['name']) => lane.cursor(spec.name, name);
  const ofWindow = { followedAt: followedAt ?? null, leftOut: page.leftOut ?? null };
  const next = remembered(moved, met, () => ({
    ...ofWindow,
    moved: movedOn(pass, spec.passes, moved, absent, now, cursorOf),
  }));
  const isPlaced = page.spans !== undefined && spec.placedBy !== undefined;
  const absentRefs =
    next.comparison || isPlaced
      ? absent.map((recordId) => ({ tenantId: lane.tenantId, resource: spec.name, recordId }))
      : [];
  const gone = new Set(isPlaced ? absent : []);
  const shownElsewhere = gone.size > 0 ? { spans: page.spans ?? [], ...elsewhere(pass, spec.passes, cursorOf) } : {};
  const decide = (view: MirrorView): Effects => {
    const context = planContext(lane, spec);
    const isAnnounced = (recordId: string): boolean => lane.queue.isAnnounced(spec.name, recordId);
    const seen = comparedOn(next, spec, { rows, absent: absentRefs, isAnnounced }, view);
    const noticedAt = (recordId: string): number | null => lane.queue.noticedAt(spec.name, recordId);
    const of = { cause: pass.cause, pass: pass.name, runId: seen.runId };
    const shown = { ...of, rows, absent, noticedAt, ...shownElsewhere, ...read };
    const effects = planPage(shown, lane.tenantId, view, context);
    return {
      ...effects,
      facts: progressed(lane, spec, seen, effects.facts ?? view.facts(lane.tenantId, spec.name)),
      cursor: seen,
    };
  };
  const committed = await lane.shard.submit({
    tenantId: lane.tenantId,
    resource: spec.name,
    refs: [...rows.map((row) => row.ref), ...absentRefs],
    wantsBody: (row) =>
      gone.has(row.recordId) || (hashes.has(row.recordId) && row.listHash !== hashes.get(row.recordId)),
    decide,
  });
  await lane.process.fault('sync:after-page');
  lane.setCursor(spec.name, committed.effects.cursor ?? next);
  if (isStaged(lane.facts(spec.name))) lane.process.places.worked(lane.tenantId);
  lane.settle(committed);
  lane.shard.touched(lane.tenantId, spec.name);
  await completePasses(lane, spec);
}

/** The cursor with what a run that has come to its end has met. */
function remembered(
  cursor: PassCursor,
  met: Absentees['met'],
  atEnd: () => Pick<PassCursor, 'moved' | 'followedAt' | 'leftOut'>,
): PassCursor {
  if (met === null) return cursor;
  return met === 'unknown' ? { ...cursor, met: null } : { ...cursor, ...atEnd(), met };
}

function comparedOn(
  cursor: PassCursor,
  spec: ResourceSpec,
  page: Omit<ComparedPage, 'rows' | 'vendorStartedAt'> & { readonly rows: readonly ReadRow[] },
  view: MirrorView,
): PassCursor {
  const { comparison, startedAt } = cursor;
  if (!comparison) return cursor;
  const isGone = (row: ReadRow): boolean => isAlias(spec, row.text) || isKnownAlias(view.row(row.ref), row.hash);
  const there = page.rows.filter((row) => !isGone(row));
  const gone = there.length === page.rows.length ? [] : page.rows.filter(isGone).map(({ ref }) => ref);
  // Whichever clock is behind.
  const vendorStartedAt = Math.min(cursor.vendorStartedAt ?? Infinity, startedAt ?? Infinity);
  const absent = gone.length === 0 ? page.absent : [...page.absent, ...gone];
  return { ...cursor, comparison: compared(comparison, { ...page, rows: there, absent, vendorStartedAt }, view) };
}

/** How far the first reading is. */
function progressed(lane: Lane, spec: ResourceSpec, cursor: PassCursor, facts: ResourceFacts): ResourceFacts {
  // What is too slow to be read at all stays broken until a run was not.
  const broken = facts.broken && isTooSlow(lane, spec, cursor);
  const checked = { ...facts, lastCheckedAt: lane.process.now(), broken };
  if (cursor.pass === 'history') return { ...checked, history: historyOf(cursor, null) };
  if (facts.liveAt !== null) return checked;
  const cursors = spec.passes
    .filter((pass) => pass.firstReading)
    .map((pass) => (pass.name === cursor.pass ? cursor : lane.cursor(spec.name, pass.name)));
  const totals = cursors.map((c) => c.total);
  return {
    ...checked,
    firstReading: readOn(facts.firstReading, {
      at: lane.process.now(),
      startedAt: cursor.startedAt ?? lane.process.now(),
      done: cursors.reduce((sum, c) => sum + c.done, 0),
      total: totals.some((total) => total === null) ? null : totals.reduce<number>((sum, t) => sum + (t ?? 0), 0),
    }),
  };
}

function historyOf({ startedAt, done }: PassCursor, completedAt: number | null): HistoryReading {
  return { startedAt: startedAt ?? 0, done, completedAt };
}

/** The last complete run of some pass of the resource could not be read for slowness. */
function isTooSlow(lane: Lane, spec: ResourceSpec, cursor: PassCursor): boolean {
  const cursors = spec.passes.map(({ name }) => (name === cursor.pass ? cursor : lane.cursor(spec.name, name)));
  return cursors.some(({ leftOut }) => leftOut === 'too-slow');
}

/** Completes passes that have been read to their end; a first reading also waits for its records. */
export async function completePasses(lane: Lane, spec: ResourceSpec): Promise<void> {
  for (const pass of spec.passes) {
    const cursor = lane.cursor(spec.name, pass.name);
    if (!cursor.running || !cursor.readToEnd) continue;
    const isFirst = pass.firstReading && lane.facts(spec.name).liveAt === null;
    if (isFirst && lane.queue.backlog(spec.name, pass.name) > 0) continue;
    const now = lane.process.now();
    const done = completed(cursor, pass, now, lane.process.random(), phaseOfTenant(lane.tenantId, pass));
    lane.setCursor(spec.name, done);
    const firstDone = spec.passes.every((p) => !p.firstReading || lane.cursor(spec.name, p.name).completedAt !== null);
    const { overlapMs } = lane.process.rules;
    const tooSlow = isTooSlow(lane, spec, done);
    await lane.shard.submit(
      cursorOp(lane.tenantId, spec.name, done, (facts) =>
        withReport(
          cursor,
          now,
          fulfilled(lane, spec, {
            ...factsAfterPass(facts, pass, cursor, { now, overlapMs, firstDone, tooSlow }),
            ...(pass.name === 'history' ? { history: historyOf(cursor, now) } : {}),
          }),
        ),
      ),
    );
    // A commit whose answer was lost has read the cursors again, as they were before it.
    lane.setCursor(spec.name, done);
    lane.shard.touched(lane.tenantId, spec.name);
    if (firstDone) lane.giveUpPlace();
  }
}

/** A run of a process that knew no comparisons yet has none. */
function withReport({ comparison, startedAt }: PassCursor, now: number, facts: ResourceFacts): ResourceFacts {
  return comparison ? { ...facts, completeness: reportOf(comparison, startedAt ?? now, now) } : facts;
}

/** A wish to read everything again ends with the last pass that it takes. */
function fulfilled(lane: Lane, spec: ResourceSpec, facts: ResourceFacts): ResourceFacts {
  if (facts.reread === null || !isFulfilled(facts, spec.passes, (name) => lane.cursor(spec.name, name))) return facts;
  return { ...facts, reread: null };
}

async function restart(
  lane: Lane,
  spec: ResourceSpec,
  cursor: PassCursor,
  pause: number,
  change: (facts: ResourceFacts) => ResourceFacts,
): Promise<void> {
  const again: PassCursor = {
    ...cursor,
    running: false,
    position: null,
    attempts: cursor.attempts + 1,
    nextAttemptAt: lane.process.now() + pause,
    startedAt: null,
  };
  await lane.shard.submit(cursorOp(lane.tenantId, spec.name, again, change));
  lane.setCursor(spec.name, again);
}

/** The list itself answers 404: the tenant may be gone; certain only when all its lists say so. */
async function listMissing(
  lane: Lane,
  work: PageWork,
  cursor: PassCursor,
  slot: CallSlot,
  probing: boolean,
): Promise<void> {
  if (await somethingAnswers(lane, work.spec, slot, probing)) return pageFault(lane, work, cursor, LIST_NOT_FOUND);
  lane.block('tenant-not-found', lane.process.rules.tenantProbeMs);
}

/** A page that cannot be read: a few tries, then the resource counts as broken and is tried at a slow pace. */
async function pageFault(lane: Lane, { spec }: PageWork, cursor: PassCursor, detail: string): Promise<void> {
  const { rules, backoff, random, log } = lane.process;
  const attempts = cursor.attempts + 1;
  const broken = attempts >= rules.attemptsBeforeParked;
  log.warn({ tenantId: lane.tenantId, resource: spec.name, attempts, detail }, 'a page could not be read');
  const pause = broken ? rules.forbiddenProbeMs : fullJitter({ ...backoff, maxMs: 60_000 }, attempts, random);
  const next = { ...cursor, attempts, nextAttemptAt: lane.process.now() + pause };
  await lane.shard.submit(
    cursorOp(lane.tenantId, spec.name, next, (facts) => ({ ...facts, broken: facts.broken || broken })),
  );
  lane.setCursor(spec.name, next);
  lane.shard.touched(lane.tenantId, spec.name);
}

/**
 * The tenant's breaker or the gateway's decides when; the pass only must not be the first again at once. A gateway that fails
 * for this tenant while it answers for others keeps its breaker closed: then the pauses here grow.
 */
function delayInMemory(lane: Lane, spec: ResourceSpec, cursor: PassCursor): void {
  const { backoff, random } = lane.process;
  const pause = fullJitter({ ...backoff, maxMs: Math.min(backoff.maxMs, 60_000) }, lane.gatewayFaults + 1, random);
  lane.setCursor(spec.name, { ...cursor, nextAttemptAt: lane.process.now() + pause });
}
