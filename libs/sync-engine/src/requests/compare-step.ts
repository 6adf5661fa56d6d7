import type { RequestState } from '../core/request-state.js';
import { compareNow, isComparable } from '../lanes/compare-now.js';
import type { Lane } from '../lanes/lane.js';
import type { RequestJob, RequestJobsPorts } from './request-job.js';

/**
 * Has resources compared with the vendor: makes their sweeps due. The reports are on `completeness.v1`; the request is done
 * once there is one of each that was finished after it was asked for.
 */
export async function compareStep(
  { row, shard }: RequestJob,
  lane: Lane,
  { process }: RequestJobsPorts,
): Promise<RequestState> {
  const resources: string[] = [];
  for (const spec of process.connector.resources.filter(({ name }) => row.state.resources.includes(name))) {
    if (await compareNow(lane, spec)) resources.push(spec.name);
  }
  const state = { ...row.state, resources, asked: resources.length, walked: true };
  await shard.fenced((unit) => unit.writeRequest({ ...row, state }));
  return state;
}

/** How many of the resources are not compared yet. One that may not be read any more is not waited for. */
export function waitForComparison({ resources, at }: RequestState, lane: Lane): number {
  return resources.filter((name) => {
    const { completeness, forbiddenUntil } = lane.facts(name);
    return forbiddenUntil === null && (completeness?.checkedAt ?? 0) < at;
  }).length;
}

/** Whether there is anything to compare. */
export function canCompare(resources: readonly string[], lane: Lane): boolean {
  return lane.process.connector.resources.some((spec) => resources.includes(spec.name) && isComparable(lane, spec));
}
