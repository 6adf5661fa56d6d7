import type { ResourceFacts } from '../core/model.js';
import { basisTaken, rereadWished } from '../core/reread.js';
import type { ResourceSpec } from '../ports/connector.js';
import { forbid } from './call-failure.js';
import type { Lane } from './lane.js';
import { factsOp } from './lane-ops.js';

/**
 * Has everything of a resource read again: its passes start anew, and every record is fetched, whatever the list shows of
 * it. Kept in the resource's facts until the last of those passes is complete, so a process that is killed loses nothing of
 * it. Resolves when the wish is durable.
 */
export function readAgain(lane: Lane, spec: ResourceSpec): Promise<void> {
  const wish = wishOf(lane);
  return change(lane, spec, (facts) => rereadWished(facts, wish));
}

/** Compares what the answers of each resource depend on with what they depended on when it was read. In the background. */
export function reviewBasis(lane: Lane): void {
  if (lane.process.connector.basisOf === undefined || lane.signal.aborted || !lane.isLoaded) return;
  compareBasis(lane).catch((error: unknown) => {
    // A shard that was lost: its next owner compares as well.
    if (lane.signal.aborted) return;
    lane.process.log.error({ tenantId: lane.tenantId, err: error }, 'a lane could not note what it reads with');
  });
}

async function compareBasis(lane: Lane): Promise<void> {
  const { connector } = lane.process;
  for (const spec of connector.resources) {
    const facts = lane.facts(spec.name);
    const denied = connector.deniedOf?.(spec, lane.tenant) ?? null;
    if (denied !== null) {
      const until = lane.process.now() + lane.process.rules.forbiddenProbeMs;
      if (facts.forbiddenReason !== denied) forbid(lane, spec.name, until, denied);
      continue;
    }
    const basis = connector.basisOf?.(spec, lane.tenant) ?? null;
    if (basis === null) continue;
    if (facts.basis === basis && facts.forbiddenReason === null) continue;
    const wish = wishOf(lane);
    await change(lane, spec, (present) => basisTaken(present, basis, wish));
  }
}

function wishOf(lane: Lane): { readonly at: number; readonly seq: string } {
  return { at: lane.process.now(), seq: String(lane.shard.nextReadSeq()) };
}

async function change(lane: Lane, spec: ResourceSpec, decide: (facts: ResourceFacts) => ResourceFacts): Promise<void> {
  const before = lane.facts(spec.name);
  await lane.shard.submit(factsOp(lane.tenantId, spec.name, decide));
  const after = lane.facts(spec.name);
  if (before.forbiddenUntil !== null && after.forbiddenUntil === null) lane.agenda.throttleAll(spec.name, 0);
  else if (after.reread !== before.reread) lane.agenda.hurry(spec.name);
  lane.shard.touched(lane.tenantId, spec.name);
  lane.wake();
}
