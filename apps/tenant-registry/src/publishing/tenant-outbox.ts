import type { Tx } from '@relay/database';
import type { TenantRecord } from '../persistence/tenant-record.js';

/** Where a tenant's present state waits, in its own transaction, until `tenant.v1` has it. */
export interface TenantOutbox {
  /** The version that lies there; 0 = none. Higher than the tenant's own after the log was found ahead of the database. */
  versionOf(tx: Tx, tenantId: string): Promise<number>;
  put(tx: Tx, record: TenantRecord): Promise<void>;
}
