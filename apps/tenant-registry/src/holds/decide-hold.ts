import type { ChangeSet, Note } from '../changes/change-set.js';
import { lockEnvironment } from '../persistence/environment-rows.js';
import { closeHold, environmentOfHold, type HoldRecord, type MassLossDetail } from '../persistence/hold-rows.js';
import { findTenant } from '../persistence/tenant-rows.js';
import { operateTenant } from '../tenants/operate-tenant.js';
import { holdClosed, noSuchHold } from './hold-problems.js';

export type Decision = 'approved' | 'rejected';

/**
 * A person's answer to a hold. Rejected: nothing happens to anybody. Approved: what the hold has stopped takes place.
 * Either way the hold is closed, and what was kept with it is destroyed.
 */
export async function decideHold(set: ChangeSet, holdId: string, decision: Decision, note: Note): Promise<HoldRecord> {
  const environment = await environmentOfHold(set.tx, holdId);
  // The same order of locks as where listings are applied.
  if (environment !== null) await lockEnvironment(set.tx, environment);
  const hold = await closeHold(set.tx, holdId, decision, set.now);
  if (hold === undefined) throw noSuchHold();
  if (hold === null) throw holdClosed();
  const about = { tenantId: hold.tenantId, detail: { holdId, kind: hold.kind, environment: hold.environment } };
  await set.audit(note, about);
  if (decision === 'approved') await takePlace(set, hold, note);
  return hold;
}

async function takePlace(set: ChangeSet, hold: HoldRecord, note: Note): Promise<void> {
  switch (hold.kind) {
    case 'mass-loss':
      return loseThem(set, hold.holdId, hold.detail, note);
    case 'uninstalled':
      if (hold.tenantId !== null) await operateTenant(set, hold.tenantId, 'withdraw', note);
      return;
    case 'deletions':
      // The sync has been told: see deletion-decision.ts.
      return;
    case 'host-not-allowed':
      // Goes by Kafka before anything is changed here: see approve-registration.ts.
      throw new Error('a held registration is not approved by a change of rows alone');
    default:
      return hold satisfies never;
  }
}

/** The practices that the held listing did not name are treated as any other listing would have treated them. */
async function loseThem(set: ChangeSet, holdId: string, detail: MassLossDetail, note: Note): Promise<void> {
  for (const tenantId of detail.lost) {
    const record = await findTenant(set.tx, tenantId);
    // Already noted as missing by a listing in between: a second time would withdraw it.
    if (record === null || record.life.facts.missing) continue;
    await set.advance(record, { kind: 'missing' }, { ...note, action: 'not-listed', detail: { holdId } });
  }
}
