export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Pause before the next try. Exponential, with full jitter above the least pause: many callers that failed together do
 * not come back together. `attempt` counts from 1.
 */
export function fullJitter(limits: BackoffLimits, attempt: number, random: () => number = Math.random): number {
  // 2^40 ms is decades: a larger exponent could only overflow.
  const ceiling = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(Math.max(1, attempt), 40));
  return Math.round(limits.minMs + random() * Math.max(0, ceiling - limits.minMs));
}
