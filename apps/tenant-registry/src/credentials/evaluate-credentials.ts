import { observed, type ChangeSet } from '../changes/change-set.js';
import type { LifeEvent } from '../lifecycle/advance.js';
import { credentialsOf } from '../persistence/credential-rows.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { worthOf } from './credential-worth.js';

/** Brings a Provet tenant in line with what is known of its credentials. */
export async function evaluateCredentials(set: ChangeSet, record: TenantRecord): Promise<void> {
  if (record.life.facts.presence !== 'here') return;
  const credentials = await credentialsOf(set.tx, record.tenantId);
  const { worth, inForce } = worthOf(credentials);
  const used = credentials.find((one) => one.credentialId === inForce);
  const others: Partial<TenantRecord> = {
    credentialId: inForce,
    grant: used?.grant ?? record.grant,
    scheme: used?.scheme ?? record.scheme,
  };
  if (worth !== null) {
    const event: LifeEvent = { kind: 'credential', worth };
    const result = await set.advance(record, event, observed(`credential-${worth}`), others);
    if (result.ok) return;
  }
  // The state stays, but which credential is used may still be news.
  if (JSON.stringify({ ...record, ...others }) !== JSON.stringify(record)) {
    await set.save(record, { ...record, ...others }, observed('credential-changed'));
  }
}
