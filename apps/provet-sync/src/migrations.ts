import { engineMigrations } from '@relay/sync-engine';

/** Migrations of the schema `provet_sync`, in order. */
export const migrations = [...engineMigrations];
