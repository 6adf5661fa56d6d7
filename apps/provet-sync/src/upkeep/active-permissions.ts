import { jsonObject } from '../records/record-id.js';

/** Members that may hold a permission's name, and its right to read; the vendor has published neither. */
const NAMES = ['name', 'permission', 'title', 'label'] as const;
const READS = ['read', 'can_read', 'has_read'] as const;
const LISTS = ['results', 'permissions', 'active_permissions'] as const;

/**
 * Reads `/user/current/active_permissions/` as tolerantly as its unknown shape asks for: the names that may be read. Names
 * that are not in it prove nothing (they may be written in another way), so they are probed. Null: nothing was understood.
 */
export function readablePermissions(text: string): ReadonlySet<string> | null {
  const rows = rowsOf(text);
  if (rows === null) return null;
  const names = rows.flatMap(nameOf).map(permissionKey);
  return names.length === 0 ? null : new Set(names);
}

/** Two spellings of one permission are the same but for case and blanks. */
export function permissionKey(name: string): string {
  return name.toLowerCase().replaceAll(/\s+/g, '');
}

function rowsOf(text: string): readonly unknown[] | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (Array.isArray(body)) return body;
  const object = jsonObject(text);
  const list = LISTS.map((name) => object?.[name]).find((value) => Array.isArray(value));
  return (list as readonly unknown[] | undefined) ?? null;
}

function nameOf(row: unknown): string[] {
  if (typeof row === 'string') return [row];
  if (typeof row !== 'object' || row === null) return [];
  const members = row as Readonly<Record<string, unknown>>;
  if (READS.some((name) => members[name] === false)) return [];
  const name = NAMES.map((one) => members[one]).find((value) => typeof value === 'string');
  return name === undefined ? [] : [name];
}
