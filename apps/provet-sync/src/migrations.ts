import { engineMigrations } from '@relay/sync-engine';
import { NoteWebhooks1795748400000 } from './persistence/webhook-listing.migration.js';

/** Migrations of the schema `provet_sync`, in order. */
export const migrations = [...engineMigrations, NoteWebhooks1795748400000];
