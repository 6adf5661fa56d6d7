import { shardMigration, type MigrationClass } from '@relay/database';
import { VersionedTable } from '@relay/state-topic';
import { EngineTables1764000000010 } from './engine.migration.js';
import { KeepWholes1795770000000 } from './family.migration.js';
import { KeepHotTablesSmall1795759200000 } from './hot-tables.migration.js';
import { ReadOrdinalsCheaply1795768200000 } from './ordinal.migration.js';
import { KeepReadBackPositions1795766400001 } from './read-back-position.migration.js';
import { KeepRequests1795752000000 } from './request.migration.js';
import { CountByTrigger1795766400000 } from './trigger-count.migration.js';
import { KeepPurges1795744800000 } from './withdrawal.migration.js';

/** Table of the published sync-status rows. */
export const STATUS_TABLE = 'status';
/** Table of the published `withdrawal.v1` rows. */
export const WITHDRAWAL_TABLE = 'withdrawal';

/** Table of the published `completeness.v1` rows. */
export const COMPLETENESS_TABLE = 'completeness';

/** All tables that a sync needs for the engine; put them into the service's list. */
export const engineMigrations: MigrationClass[] = [
  shardMigration,
  EngineTables1764000000010,
  VersionedTable.migration(STATUS_TABLE, 1_764_000_000_011),
  KeepPurges1795744800000,
  VersionedTable.migration(WITHDRAWAL_TABLE, 1_795_744_800_001),
  VersionedTable.migration(COMPLETENESS_TABLE, 1_795_744_800_002),
  KeepRequests1795752000000,
  KeepHotTablesSmall1795759200000,
  CountByTrigger1795766400000,
  KeepReadBackPositions1795766400001,
  ReadOrdinalsCheaply1795768200000,
  KeepWholes1795770000000,
];
