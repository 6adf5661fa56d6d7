import { checkRun, type Violation } from './check-run.js';
import { drawPlan, type Plan } from './plan.js';
import { runPlan, type Plant } from './run-plan.js';

/** Runs that a search for fewer steps may take. */
const MOST_TRIES = 60;

/** Draws a run, carries it out and checks it. `steps`: only those of the plan, by their places. */
export async function drawnRun(seed: number, steps: readonly number[] | null = null, plant: Plant = {}): Promise<Violation[]> {
  const plan = drawPlan(`exact-${seed}`);
  return checkRun(await runPlan(steps === null ? plan : only(plan, steps), plant));
}

/** What is wrong with a run, and the one line to see it again; null when nothing is. */
export async function complaintOf(seed: number, steps: readonly number[] | null = null): Promise<string | null> {
  const found = await drawnRun(seed, steps);
  if (found.length === 0) return null;
  const few = steps ?? (await shrunk(seed, found));
  const file = 'apps/exact-sync/src/drawn-runs.slow-spec.ts';
  const again = `MODEL_SEEDS=${seed} MODEL_STEPS=${few.join(',') || 'none'} npx vitest run --project slow ${file}`;
  return [again, ...found.slice(0, 5)].join('\n');
}

/** Leaves steps out for as long as the same rule is broken. */
async function shrunk(seed: number, found: readonly Violation[]): Promise<readonly number[]> {
  const rule = ruleOf(found[0] ?? '');
  let kept = drawPlan(`exact-${seed}`).steps.map((_step, at) => at);
  let tries = 0;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length && tries < MOST_TRIES; tries += 1) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
      const isStill = (await drawnRun(seed, fewer)).some((violation) => ruleOf(violation) === rule);
      if (isStill) kept = fewer;
      else from += size;
    }
  }
  return kept;
}

const ruleOf = (violation: Violation): string => violation.split(':', 1)[0] ?? '';

function only(plan: Plan, steps: readonly number[]): Plan {
  return { ...plan, steps: plan.steps.filter((_step, at) => steps.includes(at)) };
}
