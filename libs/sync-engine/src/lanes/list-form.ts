import type { ResourceSpec } from '../ports/connector.js';
import type { Lane } from './lane.js';
import type { FetchWork, PageWork } from './lane-work.js';
import { servedOp } from './lane-ops.js';

/** Only the list of this resource may be read at present, not its records one by one. */
export function isListOnly(lane: Lane, spec: ResourceSpec): boolean {
  return spec.hasDetail && (lane.process.connector.isListOnly?.(spec) ?? false);
}

/**
 * A page as it may be read now. Where records cannot be asked for, the row is the record, and what a list no longer shows
 * proves nothing: it may have left a window. Nothing is deleted until details may be read again, and then everything is.
 */
export function asReadNow(lane: Lane, work: PageWork): PageWork {
  if (!isListOnly(lane, work.spec)) return work;
  const passes = work.spec.passes.map((pass) => ({ ...pass, provesAbsence: false }));
  const pass = passes.find(({ name }) => name === work.pass.name) ?? work.pass;
  // Without a second look an older answer can only be taken as it is.
  return { ...work, spec: { ...work.spec, passes, hasDetail: false, modifiedMember: null }, pass };
}

/** A record that waits to be asked for, which may not be: the next reading of the list brings it. */
export async function leaveToList(lane: Lane, { entry }: FetchWork): Promise<'forbidden'> {
  lane.settle(await lane.shard.submit(servedOp(entry)));
  return 'forbidden';
}
