/** Kinds of objects that carry a GUID, with the group that their GUIDs show. */
export const GUID_GROUPS = { appointment: '1300', patient: '1200', practitioner: '1100', payor: '1000' } as const;
export type ExactKind = keyof typeof GUID_GROUPS;
export const EXACT_KINDS = Object.keys(GUID_GROUPS) as ExactKind[];

const FIRST = 0xdff;
const TAIL = '0000-0000-008034ec7256';

/**
 * The GUID of the nth object: looks sequential, has no valid version bits, and is the same in every practice, because an
 * id is unique only inside one practice's database.
 */
export function guidOf(kind: ExactKind, index: number): string {
  return `${(FIRST + index).toString(16).padStart(8, '0')}-${GUID_GROUPS[kind]}-${TAIL}`;
}

/** The number behind a GUID of `guidOf`, in any spelling; null for other texts. */
export function indexOfGuid(kind: ExactKind, guid: string): number | null {
  const match = /^([0-9a-f]{8})-([0-9]{4})-(.+)$/.exec(guid.toLowerCase());
  if (match?.[1] === undefined || match[2] !== GUID_GROUPS[kind] || match[3] !== TAIL) return null;
  const index = Number.parseInt(match[1], 16) - FIRST;
  return index >= 1 ? index : null;
}
