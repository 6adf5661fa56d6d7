import type { MigrationClass } from '@relay/database';
import { VersionedTable } from '@relay/state-topic';
import { CreateRegistry1780000000001 } from './persistence/schema.js';
import { ShowCapabilities1795748400011 } from './persistence/capabilities.migration.js';
import { AddConsent1795737600001 } from './persistence/consent.migration.js';
import { KeepAudit1795748400000 } from './persistence/audit-log.migration.js';
import { AddHeldRegistrations1795737600002 } from './persistence/held-registrations.migration.js';
import { TENANT_OUTBOX_TABLE } from './publishing/tenant-publisher.js';

/** In the order in which they are run. A migration that has been released is never edited. */
export const migrations: readonly MigrationClass[] = [
  CreateRegistry1780000000001,
  VersionedTable.migration(TENANT_OUTBOX_TABLE),
  AddConsent1795737600001,
  AddHeldRegistrations1795737600002,
  KeepAudit1795748400000,
  ShowCapabilities1795748400011,
];
