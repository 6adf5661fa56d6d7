import { auditOutboxMigration } from '@relay/audit';
import { shardMigration, type MigrationClass } from '@relay/database';
import { VersionedTable } from '@relay/state-topic';
import { CREDENTIAL_TABLE, TOKEN_TABLE } from './publishing/outbox.js';
import { CreateCredentials1795651200000 } from './persistence/schema.js';
import { AddConsent1795737600000 } from './persistence/consent.migration.js';
import { KeepRefreshGrants1795741200000 } from './persistence/refresh-grants.migration.js';
import { FindGrantedScopes1795748400010 } from './persistence/exact-scopes.migration.js';
import { FindTokensByRowKey1795752000000 } from './persistence/token-row-key.migration.js';
import { RevokeBeforeDestroying1795744800002 } from './persistence/withdrawal.migration.js';

/** In the order in which they are run. A migration that has been released is never edited. */
export const migrations: readonly MigrationClass[] = [
  shardMigration,
  VersionedTable.migration(CREDENTIAL_TABLE),
  VersionedTable.migration(TOKEN_TABLE),
  CreateCredentials1795651200000,
  AddConsent1795737600000,
  KeepRefreshGrants1795741200000,
  RevokeBeforeDestroying1795744800002,
  auditOutboxMigration(1795748400001),
  FindGrantedScopes1795748400010,
  FindTokensByRowKey1795752000000,
];
