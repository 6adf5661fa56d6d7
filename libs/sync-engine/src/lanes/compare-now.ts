import type { PassSpec, ResourceSpec } from '../ports/connector.js';
import type { Lane } from './lane.js';
import { cursorOp } from './lane-ops.js';

/** Makes a resource's sweep due now; durable once it resolves. One that is under way goes on and is the answer. */
export async function compareNow(lane: Lane, spec: ResourceSpec): Promise<boolean> {
  const pass = sweepOf(spec);
  if (pass === undefined || !isComparable(lane, spec)) return false;
  const cursor = lane.cursor(spec.name, pass.name);
  if (cursor.running) return true;
  const now = lane.process.now();
  // A sweep that was never started waits for its first period; one that was started is due when its cursor says so.
  const due = { ...cursor, startedAt: cursor.startedAt ?? 0, nextAttemptAt: now };
  await lane.shard.submit(cursorOp(lane.tenantId, spec.name, due));
  lane.setCursor(spec.name, due);
  lane.wake();
  return true;
}

/** It is live, and has a sweep. */
export function isComparable(lane: Lane, spec: ResourceSpec): boolean {
  return sweepOf(spec) !== undefined && lane.facts(spec.name).liveAt !== null;
}

const sweepOf = ({ passes }: ResourceSpec): PassSpec | undefined =>
  passes.find((pass) => pass.reads === 'everything' && pass.provesAbsence);
