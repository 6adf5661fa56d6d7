/** JSON in one spelling: members sorted, numbers as they were spelt. Equal texts are equal values. */
export function spelt(text: string, without: readonly string[] = []): string {
  const spell = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? { '#': context?.source } : value;
  return sorted(JSON.parse(text, spell), without);
}

/** A member of a JSON object, in one spelling. */
export function speltMember(text: string, member: string, without: readonly string[]): string {
  const spell = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? { '#': context?.source } : value;
  return sorted((JSON.parse(text, spell) as Record<string, unknown>)[member], without);
}

function sorted(value: unknown, without: readonly string[] = []): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'absent';
  if (Array.isArray(value)) return `[${value.map((item) => sorted(item)).join(',')}]`;
  const members = Object.entries(value)
    .filter(([name]) => !without.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(',')}}`;
}
