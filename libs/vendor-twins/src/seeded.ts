/**
 * Deterministic numbers: the same parts always give the same sequence, on every machine. A generator is made per purpose
 * (`new Seeded(seed, tenantId, 'client', 17)`), so that one more draw in one place changes nothing elsewhere.
 */
export class Seeded {
  #state: number;

  constructor(...parts: readonly (string | number)[]) {
    this.#state = hash32(parts.join('|'));
  }

  /** In [0, 1). Mulberry32: one multiplication chain a draw, good enough for test data and cheap for millions. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  }

  digits(length: number): string {
    return Array.from({ length }, () => String(this.below(10))).join('');
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.below(16).toString(16)).join('');
  }
}

/** FNV-1a over UTF-16 units, finished by an avalanche so that neighbouring ids do not give neighbouring numbers. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
