import type { CallSlot } from '../lanes/call-slots.js';
import { takeFailure } from '../lanes/call-failure.js';
import type { Lane } from '../lanes/lane.js';
import type { FetchWork } from '../lanes/lane-work.js';
import { delayOp, factsOp } from '../lanes/lane-ops.js';
import type { ConfirmOutcome } from '../ports/call-outcomes.js';
import type { ResourceSpec } from '../ports/connector.js';
import { LIST_NOT_FOUND } from '../passes/list-not-found.js';

/** `listed`: the list has answered 200; `shown`: with the very record. Neither: what follows from that has been done. */
export type Confirmed = 'listed' | 'shown' | 'no';

/** Asks the resource's list, before a 404 is believed. */
export async function confirmList(lane: Lane, work: FetchWork, slot: CallSlot, probing: boolean): Promise<Confirmed> {
  const { entry, spec } = work;
  const outcome = await askList(lane, spec, slot, probing, entry.recordId);
  if (outcome.kind === 'listed') return outcome.recordIds?.includes(entry.recordId) === true ? 'shown' : 'listed';
  if (outcome.kind !== 'not-found') {
    const held = takeFailure(lane, outcome, { spec, work: work.work, entry }) === 'held';
    if (!held) await putOff(lane, work);
    return 'no';
  }
  if (await somethingAnswers(lane, spec, slot, probing)) {
    // Only this resource is closed: nothing is known about its records.
    await lane.shard.submit(factsOp(lane.tenantId, spec.name, (facts) => ({ ...facts, broken: true })));
    lane.shard.touched(lane.tenantId, spec.name);
    await putOff(lane, work);
    return 'no';
  }
  lane.block('tenant-not-found', lane.process.rules.tenantProbeMs);
  return 'no';
}

/** A tenant whose every address answered 404 is asked again: is it back? */
export async function probeTenant(lane: Lane, slot: CallSlot): Promise<void> {
  for (const spec of lane.process.connector.resources) {
    const outcome = await askList(lane, spec, slot, true);
    if (outcome.kind === 'listed') return;
    if (outcome.kind === 'not-found') continue;
    const held = takeFailure(lane, outcome, { spec, work: 'reconcile', entry: null }) === 'held';
    // Neither says anything of the tenant, nor when it is to be asked again.
    if (outcome.kind === 'throttled') return lane.block('tenant-not-found', Math.max(1, outcome.retryAfterMs));
    if (held && outcome.kind !== 'forbidden') return;
  }
  lane.block('tenant-not-found', lane.process.rules.tenantProbeMs);
}

/** Does any list of the tenant answer? A failure counts as an answer: only 404 everywhere is proof. */
export async function somethingAnswers(
  lane: Lane,
  except: ResourceSpec,
  slot: CallSlot,
  probing: boolean,
): Promise<boolean> {
  for (const spec of lane.process.connector.resources) {
    if (spec.name === except.name) continue;
    const outcome = await askList(lane, spec, slot, probing);
    if (outcome.kind !== 'not-found') return true;
  }
  return false;
}

async function askList(
  lane: Lane,
  spec: ResourceSpec,
  slot: CallSlot,
  probing: boolean,
  recordId?: string,
): Promise<ConfirmOutcome> {
  const askedAt = lane.process.now();
  const outcome = await slot.during(listOutcome(lane, spec, probing, recordId));
  lane.process.called('list', outcome.kind, outcome.tookMs / 1000);
  if (outcome.kind === 'listed') {
    lane.listedAt.set(spec.name, askedAt);
    lane.answered(spec, outcome.tookMs);
  }
  return outcome;
}

async function listOutcome(
  lane: Lane,
  spec: ResourceSpec,
  probing: boolean,
  recordId?: string,
): Promise<ConfirmOutcome> {
  const { connector } = lane.process;
  const call = lane.callContext('live', probing);
  if (connector.confirmList !== undefined) return notFoundOf(await connector.confirmList(call, spec, recordId));
  const [pass] = spec.passes;
  if (pass === undefined) return { kind: 'record-fault', detail: 'the resource has no list', tookMs: 0 };
  const request = { spec: pass, since: null, startedAt: lane.process.now(), filterHonoured: true };
  const page = await connector.readPage(call, spec, request, null);
  if (page.kind === 'page') {
    return { kind: 'listed', recordIds: page.rows.map((row) => row.recordId), tookMs: page.tookMs };
  }
  const isAnswer = page.kind === 'filter-ignored' || page.kind === 'restart';
  return isAnswer ? { kind: 'listed', tookMs: page.tookMs } : notFoundOf(page);
}

function notFoundOf(outcome: ConfirmOutcome): ConfirmOutcome {
  return outcome.kind === 'record-fault' && outcome.detail === LIST_NOT_FOUND
    ? { kind: 'not-found', tookMs: outcome.tookMs }
    : outcome;
}

async function putOff(lane: Lane, { entry }: FetchWork): Promise<void> {
  const nextAttemptAt = lane.process.now() + lane.process.rules.forbiddenProbeMs;
  lane.settle(await lane.shard.submit(delayOp({ entry, nextAttemptAt })));
}
