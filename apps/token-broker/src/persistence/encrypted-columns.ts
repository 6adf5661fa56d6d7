import type { Tx } from '@relay/database';
import { kidOf } from '@relay/sealing';

/** A column whose texts are encrypted with the storage keys. */
export interface EncryptedColumn {
  readonly table: string;
  readonly column: string;
  readonly key: readonly string[];
}

/** Every one there is. Whoever adds an encrypted column adds it here: what is not listed is lost with its key. */
export const ENCRYPTED_COLUMNS: readonly EncryptedColumn[] = [
  { table: 'candidate', column: 'secret', key: ['credential_id'] },
  { table: 'credential', column: 'secret', key: ['credential_id'] },
  { table: 'token', column: 'access_token', key: ['credential_id', 'scopes'] },
  { table: 'refresh_grant', column: 'refresh_token', key: ['grant_id'] },
  { table: 'refresh_grant', column: 'access_token', key: ['grant_id'] },
  { table: 'consent_state', column: 'secrets', key: ['sha256'] },
];

/** The part of an encrypted text that says which key it needs; it also says its place, so no two are alike. */
const HEADER_ONLY = (column: string) => `split_part(${column}, '.', 1) || '....'`;

export interface EncryptedText {
  /** Values of the column's `key`. */
  readonly at: readonly string[];
  readonly text: string;
}

/** `candidate.secret` */
export function nameOf({ table, column }: EncryptedColumn): string {
  return `${table}.${column}`;
}

/** The next texts behind a place, in the order of their keys. */
export function nextTexts(
  tx: Tx,
  column: EncryptedColumn,
  after: readonly string[] | null,
  limit: number,
): Promise<EncryptedText[]> {
  return page(tx, column, column.column, after, limit);
}

/** Puts another text in the place of one, if that is still the one that was read. */
export async function exchangeText(
  tx: Tx,
  { table, column, key }: EncryptedColumn,
  { at, text }: EncryptedText,
  renewed: string,
): Promise<boolean> {
  const where = key.map((name, index) => `${name} = $${index + 3}`).join(' and ');
  const rows = await tx.query(`update ${table} set ${column} = $1 where ${column} = $2 and ${where} returning 1`, [
    renewed,
    text,
    ...at,
  ]);
  return rows.length > 0;
}

const COUNT_AT_ONCE = 2_000;

/** How many texts need which key. One that names no key is left out: no key would open it. */
export async function countByKid(tx: Tx, column: EncryptedColumn): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let after: readonly string[] | null = null;
  for (;;) {
    const rows: EncryptedText[] = await page(tx, column, HEADER_ONLY(column.column), after, COUNT_AT_ONCE);
    for (const { text } of rows) {
      const kid = kidOf(text);
      if (kid !== null) counts.set(kid, (counts.get(kid) ?? 0) + 1);
    }
    if (rows.length < COUNT_AT_ONCE) return counts;
    after = rows.at(-1)?.at ?? null;
  }
}

async function page(
  tx: Tx,
  { table, column, key }: EncryptedColumn,
  selected: string,
  after: readonly string[] | null,
  limit: number,
): Promise<EncryptedText[]> {
  const keys = key.join(', ');
  const behind = after === null ? '' : ` and (${keys}) > (${after.map((_, index) => `$${index + 2}`).join(', ')})`;
  const rows = await tx.query<Record<string, string> & { text: string }>(
    `select ${keys}, ${selected} as text from ${table} where ${column} is not null${behind} order by ${keys} limit $1`,
    [limit, ...(after ?? [])],
  );
  return rows.map((row) => ({ at: key.map((name) => row[name] as string), text: row.text }));
}
