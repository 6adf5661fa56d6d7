/** Sets whose keys can be told apart; the name is that of the setting that a key is removed from last. */
export const KEY_SETS = [
  'CREDENTIAL_PRIVATE_JWKS',
  'PROVET_TOKEN_PRIVATE_JWKS',
  'EXACT_TOKEN_PRIVATE_JWKS',
  'STORAGE_KEYS_JWKS',
  'WEBHOOK_KEYS',
] as const;
export type KeySet = (typeof KEY_SETS)[number];

export interface GivenKeys {
  /** The key that makes new things; null when the set was not given. */
  readonly first: string | null;
  readonly kids: readonly string[];
}

/** Something that needs a key. */
export interface Need {
  readonly set: KeySet;
  readonly kid: string;
  readonly by: string;
  readonly count: number;
}

export interface KeyStatus {
  readonly set: KeySet;
  readonly kid: string;
  /** `not given`: something needs it, and it is in none of the sets that this command was given. */
  readonly place: 'first' | 'older' | 'not given';
  readonly neededBy: readonly { readonly by: string; readonly count: number }[];
  readonly verdict: 'in use' | 'needed' | 'may be removed' | 'missing';
}

/** Every key that is given or needed, set by set, the first of each before the others. */
export function keyStatuses(given: Readonly<Record<KeySet, GivenKeys>>, needs: readonly Need[]): KeyStatus[] {
  return KEY_SETS.flatMap((set) => {
    const { first, kids } = given[set];
    const needed = needs.filter((need) => need.set === set && need.count > 0);
    const all = [...new Set([...(first === null ? [] : [first]), ...kids, ...needed.map(({ kid }) => kid)])];
    return all.map((kid) => {
      const neededBy = needed.filter((need) => need.kid === kid).map(({ by, count }) => ({ by, count }));
      const place = kid === first ? 'first' : kids.includes(kid) ? 'older' : 'not given';
      const verdict =
        place === 'first'
          ? 'in use'
          : neededBy.length === 0
            ? 'may be removed'
            : place === 'older' || first === null
              ? 'needed'
              : 'missing';
      return { set, kid, place, neededBy, verdict } as const;
    });
  });
}

/** A plain table for people. */
export function renderStatuses(statuses: readonly KeyStatus[]): string {
  const header = ['SET', 'KEY', 'PLACE', 'VERDICT', 'NEEDED BY'];
  const rows = statuses.map(({ set, kid, place, verdict, neededBy }) => [
    set,
    kid,
    place,
    verdict,
    neededBy.map(({ by, count }) => `${by} (${count})`).join(', ') || '-',
  ]);
  const table = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
