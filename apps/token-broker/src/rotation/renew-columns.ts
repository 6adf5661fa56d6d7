import { lockClassOf, type Database, type Tx } from '@relay/database';
import { SealError, type StorageKeys } from '@relay/sealing';
import type { Log } from '@relay/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ENCRYPTED_COLUMNS,
  exchangeText,
  nameOf,
  nextTexts,
  type EncryptedColumn,
  type EncryptedText,
} from '../persistence/encrypted-columns.js';
import type { RotationProgress } from './rotation-progress.js';

export interface RenewColumnsOptions {
  readonly database: Database;
  readonly storage: StorageKeys;
  readonly progress: Pick<RotationProgress, 'renewed' | 'left'>;
  readonly log: Log;
  /** Tests make pages smaller. */
  readonly pageRows?: number;
  readonly pauseMs?: number;
}

/** Second half of the advisory lock under which one process at a time works; no shard has this number. */
export const RENEW_LOCK = 2_147_483_646;
/** With the pause about 1,000 rows a second are looked at: an hour for millions, and nothing that ordinary work would feel. */
const PAGE_ROWS = 200;
const PAUSE_MS = 200;

/**
 * Encrypts what lies in the database under an older storage key anew, under the first one. Each text is exchanged only
 * where it is still the one that was read, so whoever writes at the same time wins; a round that ends early is simply
 * begun again, and what is done is passed over.
 */
export class RenewColumns {
  /** Texts that no key opens: told of once. */
  private readonly spoilt = new Set<string>();

  constructor(private readonly options: RenewColumnsOptions) {}

  /** One round over all columns. Returns how many were exchanged; null when another process is at it. */
  async round(signal: AbortSignal): Promise<number | null> {
    let renewed = 0;
    for (const column of ENCRYPTED_COLUMNS) {
      const done = await this.column(column, signal);
      if (done === null) return null;
      renewed += done;
    }
    return renewed;
  }

  private async column(column: EncryptedColumn, signal: AbortSignal): Promise<number | null> {
    const { database, progress, log, pageRows = PAGE_ROWS, pauseMs = PAUSE_MS } = this.options;
    const name = nameOf(column);
    let after: readonly string[] | null = null;
    let renewed = 0;
    let left = 0;
    while (!signal.aborted) {
      const page: Page | null = await database.transaction((tx) => this.page(tx, column, after, pageRows));
      if (page === null) return null;
      renewed += page.renewed;
      left += page.left;
      progress.renewed(name, page.renewed);
      if (page.last === null) {
        progress.left(name, left);
        if (renewed > 0) log.info({ column: name, renewed, left }, 'encrypted anew with the first storage key');
        return renewed;
      }
      after = page.last;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    return renewed;
  }

  private async page(
    tx: Tx,
    column: EncryptedColumn,
    after: readonly string[] | null,
    limit: number,
  ): Promise<Page | null> {
    const [lock] = await tx.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1, $2) as locked', [
      lockClassOf('token-broker'),
      RENEW_LOCK,
    ]);
    if (lock?.locked !== true) return null;
    const texts = await nextTexts(tx, column, after, limit);
    let renewed = 0;
    let left = 0;
    for (const text of texts) {
      const fresh = await this.renew(column, text);
      if (fresh === 'spoilt') left += 1;
      else if (fresh !== null && (await exchangeText(tx, column, text, fresh))) renewed += 1;
    }
    return { renewed, left, last: texts.length < limit ? null : (texts.at(-1)?.at ?? null) };
  }

  private async renew(column: EncryptedColumn, { at, text }: EncryptedText): Promise<string | null> {
    try {
      return await this.options.storage.renew(text);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      const where = `${nameOf(column)} ${at.join(' ')}`;
      if (!this.spoilt.has(where)) {
        this.spoilt.add(where);
        const { code } = error;
        this.options.log.error(
          { column: nameOf(column), row: at, code },
          'no storage key opens this; it is left as it is',
        );
      }
      return 'spoilt';
    }
  }
}

interface Page {
  readonly renewed: number;
  /** That no key opens. */
  readonly left: number;
  /** Key of the page's last row; null: it was the last page. */
  readonly last: readonly string[] | null;
}
