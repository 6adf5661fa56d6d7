import type { PassCursor } from '../core/model.js';
import type { Lane } from '../lanes/lane.js';
import type { PageWork } from '../lanes/lane-work.js';

/** Counts a search for changes by what has set its pace, once its first page was read. */
export function countCheck(lane: Lane, { spec, pass }: PageWork, { position, isWished }: PassCursor): void {
  if (pass.reads !== 'changed' || position !== null) return;
  const reason = isWished === true ? 'asked' : lane.agenda.pace(spec)?.reason;
  if (reason !== undefined) lane.process.checked(reason);
}
