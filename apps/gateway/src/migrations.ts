import type { MigrationClass } from '@relay/database';
import { CreateSpill1795737600001 } from './persistence/schema.js';

/** In the order in which they are run. A migration that has been released is never edited. */
export const migrations: readonly MigrationClass[] = [CreateSpill1795737600001];
