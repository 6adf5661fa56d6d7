import { fullJitter } from '@relay/http-client';
import { judgeAbsence } from '../core/deletion.js';
import { contentHash, parseExact, without, type ExactJson } from '../core/exact-json.js';
import { isAlias } from '../core/merges.js';
import type { EngineRules } from '../core/engine-rules.js';
import type { PendingEntry } from '../core/model.js';
import type { PlanContext } from '../core/plan-context.js';
import { planFound } from '../core/plan-fetch.js';
import { planGone } from '../core/plan-gone.js';
import type { Sighting } from '../core/record-decision.js';
import { modifiedOf } from '../core/vendor-time.js';
import type { CallSlot } from '../lanes/call-slots.js';
import { resourceAnswered, takeFailure } from '../lanes/call-failure.js';
import type { Lane } from '../lanes/lane.js';
import type { FetchWork } from '../lanes/lane-work.js';
import { delayOp } from '../lanes/lane-ops.js';
import { confirmList } from './confirm-list.js';

/** What a fetch has shown. */
export type FetchResult =
  /** The mirror had it already. */
  | 'same'
  /** A new version was made. */
  | 'healed'
  /** It is not there: the mirror has never had it, or has a tombstone now. */
  | 'gone'
  /** It says that it has become part of another one: to consumers it is gone. */
  | 'merged'
  /** It is not there, and its deletion waits for a person. */
  | 'deletion-held'
  | 'forbidden'
  | 'unreadable'
  /** To be looked at once more before anything is said. */
  | 'later'
  /** No answer that says something of the record. */
  | 'undecided';

/** Fetches one record that waits and commits what that shows. */
export async function fetchRecord(lane: Lane, work: FetchWork, slot: CallSlot, probing: boolean): Promise<FetchResult> {
  const { entry, spec } = work;
  const { process, shard } = lane;
  const readSeq = shard.nextReadSeq();
  const fetchedAt = process.now();
  await process.fault('sync:before-fetch');
  const call = lane.callContext(work.work, probing);
  const outcome = await slot.during(process.connector.fetchRecord(call, spec, entry.recordId));
  process.called('record', outcome.kind, outcome.tookMs / 1000);
  await process.fault('sync:after-fetch');
  if (outcome.kind === 'found') {
    resourceAnswered(lane, spec, outcome.tookMs);
    slot.release();
    const sighting = sightingOf(outcome.text, work, fetchedAt);
    return sighting === null ? recordFault(lane, entry, 'not JSON') : commitFound(lane, work, sighting, readSeq);
  }
  if (outcome.kind === 'not-found') {
    if (!outcome.apiShaped) return recordFault(lane, entry, '404 that is not in the form of the API');
    lane.answered(spec, outcome.tookMs);
    return absent(lane, work, { readSeq, fetchedAt, slot, probing });
  }
  if (takeFailure(lane, outcome, { spec, work: work.work, entry }) === 'held') {
    return outcome.kind === 'forbidden' ? 'forbidden' : 'undecided';
  }
  slot.release();
  return recordFault(lane, entry, outcome.kind === 'record-fault' ? outcome.detail : outcome.kind);
}

function sightingOf(text: string, { spec }: FetchWork, fetchedAt: number): Sighting | null {
  let value: ExactJson;
  try {
    value = parseExact(text);
  } catch {
    return null;
  }
  const hash = contentHash(without(value, spec.volatileMembers));
  return { text, hash, modifiedAt: modifiedOf(value, spec.modifiedMember), fetchedAt };
}

export function planContext(lane: Lane, spec: FetchWork['spec']): PlanContext {
  const { process } = lane;
  return {
    now: process.now(),
    rules: process.rules,
    spec,
    origin: lane.origin,
    settings: process.events,
    runId: process.runId,
  };
}

async function commitFound(lane: Lane, work: FetchWork, sighting: Sighting, readSeq: bigint): Promise<FetchResult> {
  const { entry, spec } = work;
  const committed = await lane.shard.submit({
    tenantId: lane.tenantId,
    resource: spec.name,
    refs: [entry],
    // The text of a version that was called missed tells whose miss it was.
    wantsBody: (row) =>
      row.hash !== sighting.hash || row.missed || entry.detail.unjudged === true || isAlias(spec, sighting.text),
    decide: (view) => planFound(entry, sighting, readSeq, view, planContext(lane, spec)),
  });
  lane.settle(committed);
  lane.shard.touched(lane.tenantId, spec.name);
  const { writes, delayed } = committed.effects;
  if (delayed.some(({ detail }) => detail?.held === true)) return 'deletion-held';
  if (isAlias(spec, sighting.text) && delayed.length === 0) return 'merged';
  if (writes.some((write) => write.publish)) return 'healed';
  return writes.length === 0 && delayed.length > 0 ? 'later' : 'same';
}

interface AbsentCall {
  readonly readSeq: bigint;
  readonly fetchedAt: number;
  readonly slot: CallSlot;
  readonly probing: boolean;
}

/** 404 in the API's own form. Whether that is a deletion, takes more than one answer. */
async function absent(lane: Lane, work: FetchWork, call: AbsentCall): Promise<FetchResult> {
  const { entry, spec } = work;
  const { rules } = lane.process;
  const [row] = await lane.shard.mirror.mirrorRows([entry]);
  if (row === undefined || row.deleted) return neverSeen(lane, work, call);
  const question = {
    askedAt: call.fetchedAt,
    deleteTrigger: entry.deleteTrigger,
    absentAt: entry.detail.absentAt ?? null,
    recheckMs: rules.absenceRecheckMs,
    listValidMs: rules.listValidMs,
  };
  const judge = () =>
    judgeAbsence({ ...question, now: lane.process.now(), listedAt: lane.listedAt.get(spec.name) ?? null });
  let verdict = judge();
  if (verdict.kind === 'ask-list') {
    const refuted = await refutedByList(lane, work, call);
    if (refuted !== null) return refuted;
    verdict = judge();
  }
  call.slot.release();
  switch (verdict.kind) {
    case 'ask-list':
      // The list's proof has run out already: the tenant is too slow to be certain now.
      await put(lane, entry, rules.absenceRecheckMs);
      return 'later';
    case 'look-again': {
      // The instant from which the verdict counts, so that the second look is not a moment too early.
      const detail = { ...entry.detail, absentAt: entry.detail.absentAt ?? verdict.at - rules.absenceRecheckMs };
      lane.settle(await lane.shard.submit(delayOp({ entry, nextAttemptAt: verdict.at, detail })));
      return 'later';
    }
    case 'gone':
      return commitGone(lane, work, call);
    default:
      return verdict satisfies never;
  }
}

/** Asks the list whether a 404 can be believed; null = it can. */
async function refutedByList(lane: Lane, work: FetchWork, call: AbsentCall): Promise<FetchResult | null> {
  const confirmed = await confirmList(lane, work, call.slot, call.probing);
  if (confirmed !== 'shown') return confirmed === 'listed' ? null : 'undecided';
  // The vendor contradicts itself: it does not know the record, and its list shows it. That is no deletion.
  call.slot.release();
  return recordFault(lane, work.entry, '404, and the list shows it');
}

async function commitGone(lane: Lane, work: FetchWork, call: AbsentCall): Promise<FetchResult> {
  const committed = await lane.shard.submit(goneOp(lane, work, call));
  lane.settle(committed);
  lane.shard.touched(lane.tenantId, work.spec.name);
  return committed.effects.delayed.length > 0 ? 'deletion-held' : 'gone';
}

/** Announced, but the mirror has no such record: it may not be visible yet, or is gone before anybody saw it. */
async function neverSeen(lane: Lane, work: FetchWork, call: AbsentCall): Promise<FetchResult> {
  const { entry, spec } = work;
  if (entry.cause !== 'notice' || entry.deleteTrigger) {
    call.slot.release();
    return commitGone(lane, work, call);
  }
  const looks = entry.detail.looks ?? 0;
  const { visibilityLooksMs, overlapMs } = lane.process.rules;
  // No row can keep the notice's time: it is kept here for as long as the vendor's commits may be late, or a check that
  // meets the record then would call it missed.
  const lookIn = [...visibilityLooksMs, overlapMs][looks];
  if (lookIn !== undefined) {
    call.slot.release();
    const detail = { ...entry.detail, looks: looks + 1 };
    const nextAttemptAt = lane.process.now() + lookIn;
    lane.settle(await lane.shard.submit(delayOp({ entry, nextAttemptAt, detail })));
    return 'later';
  }
  // A closed tenant answers the same to the last look, and still has what it has announced.
  const isProven = (lane.listedAt.get(spec.name) ?? -Infinity) >= call.fetchedAt;
  const refuted = isProven ? null : await refutedByList(lane, work, call);
  if (refuted !== null) return refuted;
  call.slot.release();
  return commitGone(lane, work, call);
}

function goneOp(lane: Lane, { entry, spec }: FetchWork, { readSeq, fetchedAt }: AbsentCall) {
  return {
    tenantId: lane.tenantId,
    resource: spec.name,
    refs: [entry],
    wantsBody: () => spec.partsOf !== undefined,
    decide: (view: Parameters<typeof planGone>[3]) =>
      planGone(entry, readSeq, fetchedAt, view, planContext(lane, spec)),
  };
}

/** What was bad for a moment is soon read; what stays bad costs next to nothing. */
function parkedPause(attempts: number, rules: EngineRules): number {
  return Math.min(rules.parkedRetryMostMs, rules.parkedRetryMs * 2 ** (attempts - rules.attemptsBeforeParked));
}

/** This record alone cannot be read: a few tries, then it is parked and looked at ever more rarely. */
export async function recordFault(lane: Lane, entry: PendingEntry, detail: string): Promise<'unreadable'> {
  const { rules, backoff, random, log } = lane.process;
  const attempts = entry.attempts + 1;
  const parked = attempts >= rules.attemptsBeforeParked;
  log.warn(
    { tenantId: entry.tenantId, resource: entry.resource, attempts, parked, detail },
    'a record could not be read',
  );
  const pause = parked ? parkedPause(attempts, rules) : fullJitter({ ...backoff, maxMs: 60_000 }, attempts, random);
  await put(lane, entry, pause, { attempts, parked });
  lane.shard.touched(lane.tenantId, entry.resource);
  return 'unreadable';
}

async function put(
  lane: Lane,
  entry: PendingEntry,
  pause: number,
  change: { attempts?: number; parked?: boolean } = {},
): Promise<void> {
  const nextAttemptAt = lane.process.now() + pause;
  lane.settle(await lane.shard.submit(delayOp({ entry, nextAttemptAt, ...change })));
}
