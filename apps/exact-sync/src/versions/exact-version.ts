/** The parts of a version of EXACT: `13.842` is 13 and 842. Null: it does not begin with numbers. */
function partsOf(version: string): number[] | null {
  const numbers = /^\s*v?(\d+(?:\.\d+)*)/i.exec(version)?.[1];
  return numbers === undefined ? null : numbers.split('.').map(Number);
}

/**
 * Below zero: the first is older. Compared part by part as numbers, never as text or as a decimal fraction: 13.9 is older
 * than 13.842. A part that is missing is 0. Null: one of them is no version that could be compared.
 */
export function compareVersions(one: string, other: string): number | null {
  const [first, second] = [partsOf(one), partsOf(other)];
  if (first === null || second === null) return null;
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const difference = (first[index] ?? 0) - (second[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isOlder(version: string, than: string): boolean {
  return (compareVersions(version, than) ?? 0) < 0;
}
