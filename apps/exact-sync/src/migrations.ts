import { engineMigrations } from '@relay/sync-engine';

/** Migrations of the schema `exact_sync`, in order. */
export const migrations = [...engineMigrations];
