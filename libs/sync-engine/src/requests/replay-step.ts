import type { RequestState } from '../core/request-state.js';
import { refText } from '../core/model.js';
import type { Lane } from '../lanes/lane.js';
import { recordsOfShard } from '../records/records-of-shard.js';
import { nextRecords } from './next-records.js';
import type { RequestJob, RequestJobsPorts } from './request-job.js';

/**
 * Sends the next records of a replay as the mirror has them: same version, same id, deletions too. A step is bounded and
 * waits for its acknowledgements; a crash in between repeats it.
 */
export async function replayStep(
  { row, shard }: RequestJob,
  _lane: Lane,
  { process, store, records, publisher }: RequestJobsPorts,
): Promise<RequestState> {
  if (publisher.isCongested) return row.state;
  const next = await nextRecords(store, row, process.rules.requestPage);
  const messages = await recordsOfShard(shard, store, process).present(next.refs.map(refText));
  await records.publish(messages);
  shard.signal.throwIfAborted();
  const state = { ...next.state, asked: row.state.asked + messages.length };
  await shard.fenced((unit) => unit.writeRequest({ ...row, state }));
  return state;
}
