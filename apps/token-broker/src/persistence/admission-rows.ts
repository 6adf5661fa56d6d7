import type { Tx } from '@relay/database';
import type { WaitingRoom } from '../credentials/admission.js';

/** Any number that nobody else uses as a single-key advisory lock. */
const ADMISSION_LOCK = 7_301_944_210;
const HOUR_MS = 3_600_000;

/** Which registrations were let through to vendors in the last hour, and which wait. */
export class AdmissionRows {
  /** As one candidate sees it. Nobody else is admitted until the commit. */
  async room(
    tx: Tx,
    candidate: { readonly credentialId: string; readonly storedAt: number },
    now: number,
  ): Promise<WaitingRoom> {
    await tx.query('select pg_advisory_xact_lock($1)', [ADMISSION_LOCK]);
    const recent = await tx.query<{ tenant_id: string; admitted_at: string }>(
      'select tenant_id, admitted_at from admission where admitted_at > $1 order by admitted_at',
      [now - HOUR_MS],
    );
    const ahead = await tx.query<{ tenant_id: string; count: string }>(
      `select tenant_id, count(*) from candidate
       where due_at is not null and admitted_at is null and grant_id is null and source <> 'environment'
         and (stored_at, credential_id) < ($1::bigint, $2)
       group by tenant_id`,
      [candidate.storedAt, candidate.credentialId],
    );
    return {
      admitted: recent.map((row) => ({ tenantId: row.tenant_id, at: Number(row.admitted_at) })),
      ahead: new Map(ahead.map((row) => [row.tenant_id, Number(row.count)])),
    };
  }

  async add(tx: Tx, tenantId: string, now: number): Promise<void> {
    await tx.query('insert into admission (tenant_id, admitted_at) values ($1, $2)', [tenantId, now]);
    await tx.query('delete from admission where admitted_at <= $1', [now - HOUR_MS]);
  }
}
