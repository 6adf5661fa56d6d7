import type { AccessStanding, ResourceAccess } from '@relay/contracts';
import type { CallContext } from '@relay/sync-engine';
import { catalogueEntry } from '../catalogue/catalogue.js';
import type { CallAnswer, ProvetCalls } from '../calls/provet-calls.js';
import { permissionKey, readablePermissions } from './active-permissions.js';

const PERMISSIONS_PATH = 'user/current/active_permissions/';
/** Limit where the vendor's schema says nothing else. */
const USUAL_READS = 300;
/** Where nothing answers: it is tried again after this. */
const SOON_MS = 60_000;

export interface ProbedAccess {
  readonly access: Readonly<Record<string, ResourceAccess>>;
  /** Not all could be found out: when to go on. Null: all is known that can be. */
  readonly againAt: number | null;
}

/**
 * What the tenant lets us read: by its own list of permissions where that can be had and names the resource's, else by
 * asking for one row. Draws on what is left of the budgets, as a sweep does.
 */
export async function probeAccess(
  calls: ProvetCalls,
  call: CallContext,
  resources: readonly string[],
  now: () => number,
): Promise<ProbedAccess> {
  const sparing: CallContext = { ...call, work: 'sweep' };
  const granted = await grantedPermissions(calls, sparing);
  const access: Record<string, ResourceAccess> = {};
  let againAt: number | null = null;
  for (const resource of resources) {
    const { permission } = catalogueEntry(resource);
    const found = (standing: AccessStanding): void => {
      access[resource] = { standing, permission, checkedAt: new Date(now()).toISOString() };
    };
    if (permission !== null && granted?.has(permissionKey(permission)) === true) {
      found('ok');
      continue;
    }
    const answer = await firstRow(calls, sparing, resource);
    if (answer.kind === 'success') found('ok');
    else if (answer.kind === 'forbidden') found('forbidden');
    else if (answer.kind === 'throttled') againAt = Math.min(againAt ?? Infinity, now() + answer.retryAfterMs);
    // Something is wrong with this list, which says nothing of permissions.
    else if (answer.kind === 'missing' || answer.kind === 'record-fault') found('unknown');
    else return { access, againAt: now() + SOON_MS };
  }
  return { access, againAt };
}

async function grantedPermissions(calls: ProvetCalls, call: CallContext): Promise<ReadonlySet<string> | null> {
  const answer = await calls.send(call, {
    method: 'GET',
    path: PERMISSIONS_PATH,
    route: PERMISSIONS_PATH,
    budget: { endpoint: PERMISSIONS_PATH, operation: 'read', limit: USUAL_READS, weight: 1 },
  });
  return answer.kind === 'success' ? readablePermissions(answer.text) : null;
}

function firstRow(calls: ProvetCalls, call: CallContext, resource: string): Promise<CallAnswer> {
  const { path, limits } = catalogueEntry(resource);
  return calls.send(call, {
    method: 'GET',
    path: `${path}/`,
    query: 'page_size=1',
    route: `${path}/`,
    budget: { endpoint: path, operation: 'list', limit: limits.list, weight: 1 },
  });
}
