/** Runs that a search for fewer steps may take. */
const MOST_TRIES = 60;

/** What a checker has found: `rule: what is wrong`. */
type Violation = string;

/**
 * Leaves steps of a run out for as long as the same rule is broken. `found`: what the whole run broke; `run` carries out the
 * steps with the places given. Returns the places that are left.
 */
export async function fewerSteps(
  count: number,
  found: readonly Violation[],
  run: (steps: readonly number[]) => Promise<readonly Violation[]>,
): Promise<readonly number[]> {
  const rule = ruleOf(found[0] ?? '');
  let kept = Array.from({ length: count }, (_, at) => at);
  let tries = 0;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length && tries < MOST_TRIES; tries += 1) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
      const isStill = (await run(fewer)).some((violation) => ruleOf(violation) === rule);
      if (isStill) kept = fewer;
      else from += size;
    }
  }
  return kept;
}

const ruleOf = (violation: Violation): string => violation.split(':', 1)[0] ?? '';
