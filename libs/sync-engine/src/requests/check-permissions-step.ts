import { noEffects } from '../core/effects.js';
import type { RequestState } from '../core/request-state.js';
import type { Lane } from '../lanes/lane.js';
import type { RequestJob } from './request-job.js';

/** Has the tenant prepared at once: what it permits, and with it the webhooks, are found out anew. */
export async function checkPermissionsStep({ row, shard }: RequestJob, lane: Lane): Promise<RequestState> {
  lane.prepareEarly('asked');
  // The lane's wish is written with whatever is committed next: only after that may the request forget to wish.
  await shard.submit({
    tenantId: lane.tenantId,
    resource: '',
    refs: [],
    wantsBody: () => false,
    decide: noEffects,
  });
  const state = { ...row.state, asked: 1, walked: true };
  await shard.fenced((unit) => unit.writeRequest({ ...row, state }));
  return state;
}

/** 1 while the check that was asked for has not been made. */
export function waitForPermissions({ at }: RequestState, lane: Lane): number {
  const { preparedAt = null, prepareWish = null } = lane.state;
  return prepareWish !== 'asked' && (preparedAt ?? 0) >= at ? 0 : 1;
}
