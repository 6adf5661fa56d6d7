import { grantOf, type HookupValue } from '@relay/contracts';
import { randomUUID } from 'node:crypto';
import { observed, type ChangeSet } from '../changes/change-set.js';
import {
  closeBeyond,
  closeExpired,
  closeOvertaken,
  forgetClosed,
  isSettled,
  raiseHostHold,
} from '../persistence/held-registration-rows.js';
import type { HoldRecord } from '../persistence/hold-rows.js';

const DAY_MS = 24 * 3_600_000;
/** As long as a person may take to find out about a new region of the vendor. */
export const KEPT_MS = 30 * DAY_MS;
/** Whoever has leaked the hookup URL must not be able to fill the database. */
export const MOST_HELD = 1000;

/** Keeps a registration whose host is not allowed until a person decides. No call is made to anybody. */
export async function keepRegistration(set: ChangeSet, value: HookupValue): Promise<void> {
  if (await isSettled(set.tx, value)) return;
  const { tenantId, credentialId, host, receivedAt, registration } = value;
  const expiresAt = new Date(Date.parse(receivedAt) + KEPT_MS).toISOString();
  const { provet_id: provetId, client_id: clientId, authorization_grant_type } = registration;
  const grant = grantOf(authorization_grant_type) ?? 'client_credentials';
  const detail = { credentialId, host, provetId, clientId, grant, receivedAt, expiresAt };
  const holdId = randomUUID();
  const result = await raiseHostHold(set.tx, { holdId, value, detail, now: set.now });
  if (result?.raised !== true) return;
  await set.audit(observed('hold-raised', 'host-not-allowed'), { tenantId, detail: { holdId, credentialId, host } });
  await noteClosed(set, await closeBeyond(set.tx, MOST_HELD, set.now), 'dropped');
}

/** What was taken in meanwhile needs no decision any more. */
export async function closeOvertakenHolds(set: ChangeSet, value: HookupValue): Promise<void> {
  await noteClosed(set, await closeOvertaken(set.tx, value, set.now), 'registered');
}

/** Lets go of what nobody has decided on in time. */
export async function expireHeld(set: ChangeSet): Promise<void> {
  await noteClosed(set, await closeExpired(set.tx, set.now), 'expired');
  await forgetClosed(set.tx, new Date(Date.parse(set.now) - KEPT_MS).toISOString());
}

/** One audit entry for each hold that closes by itself. */
export async function noteClosed(set: ChangeSet, holds: readonly HoldRecord[], outcome: string): Promise<void> {
  for (const { holdId, kind, tenantId } of holds) {
    await set.audit(observed('hold-closed', outcome), { tenantId, detail: { holdId, kind } });
  }
}
