import { Problem } from '@relay/service-kit';
import type { ChangeSet, Note } from '../changes/change-set.js';
import { lockEnvironment } from '../persistence/environment-rows.js';
import { closeHold, environmentOfHold, type HoldRecord } from '../persistence/hold-rows.js';
import { findTenant } from '../persistence/tenant-rows.js';

export type Decision = 'approved' | 'rejected';

/**
 * A person's answer to a hold. Approved: the practices that the held listing did not name are treated as any other listing
 * would have treated them. Rejected: nothing happens to anybody. Either way the hold is closed.
 */
export async function decideHold(set: ChangeSet, holdId: string, decision: Decision, note: Note): Promise<HoldRecord> {
  const environment = await environmentOfHold(set.tx, holdId);
  // The same order of locks as where listings are applied.
  if (environment !== null) await lockEnvironment(set.tx, environment);
  const hold = await closeHold(set.tx, holdId, decision, set.now);
  if (hold === undefined) throw new Problem(404, { code: 'no-such-hold', detail: 'no hold has this id' });
  if (hold === null) throw new Problem(409, { code: 'hold-closed', detail: 'the hold is not open any more' });
  const about = { tenantId: hold.tenantId, detail: { holdId, kind: hold.kind, environment: hold.environment } };
  await set.audit(note, about);
  if (decision === 'rejected') return hold;
  for (const tenantId of hold.detail.lost) {
    const record = await findTenant(set.tx, tenantId);
    // Already noted as missing by a listing in between: a second time would withdraw it.
    if (record === null || record.life.facts.missing) continue;
    await set.advance(record, { kind: 'missing' }, { ...note, action: 'not-listed', detail: { holdId } });
  }
  return hold;
}
