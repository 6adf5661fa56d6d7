import type { RecordRef } from '../core/model.js';
import type { RequestState } from '../core/request-state.js';
import type { EngineStore } from '../ports/engine-store.js';
import type { RequestRow } from '../ports/stored-rows.js';

export interface NextRecords {
  readonly refs: readonly RecordRef[];
  /** Where the request stands after them. */
  readonly state: RequestState;
}

/** The next records that a request means: those it names, or what the mirror knows. */
export async function nextRecords(
  store: Pick<EngineStore, 'recordsOf'>,
  { tenantId, state }: RequestRow,
  limit: number,
): Promise<NextRecords> {
  const { resources, recordIds, from, to, after } = state;
  if (recordIds === null) {
    const filter = { tenantId, resources, from, to, withDeleted: state.kind === 'replay' };
    const refs = await store.recordsOf(filter, after, limit);
    return { refs, state: moved(state, refs, refs.length < limit) };
  }
  const [resource = ''] = resources;
  // Named ones are few: each step looks for its place in the list.
  const all = [...new Set(recordIds)].sort();
  const left = all.filter((recordId) => after === null || recordId > after.recordId);
  const refs = left.slice(0, limit).map((recordId) => ({ tenantId, resource, recordId }));
  return { refs, state: moved(state, refs, left.length <= limit) };
}

function moved(state: RequestState, refs: readonly RecordRef[], walked: boolean): RequestState {
  const last = refs.at(-1);
  const after = last === undefined ? state.after : { resource: last.resource, recordId: last.recordId };
  return { ...state, after, asked: state.asked + refs.length, walked };
}
