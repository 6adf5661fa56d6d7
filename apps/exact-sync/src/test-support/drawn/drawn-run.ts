import { fewerSteps } from '@relay/testing';
import { checkRun, type Violation } from './check-run.js';
import { drawPlan, type Plan } from './plan.js';
import { runPlan, type Plant } from './run-plan.js';

/** Draws a run, carries it out and checks it. `steps`: only those of the plan, by their places. */
export async function drawnRun(
  seed: number,
  steps: readonly number[] | null = null,
  plant: Plant = {},
): Promise<Violation[]> {
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

/** The fewest steps that still break the same rule. */
function shrunk(seed: number, found: readonly Violation[]): Promise<readonly number[]> {
  return fewerSteps(drawPlan(`exact-${seed}`).steps.length, found, (steps) => drawnRun(seed, steps));
}

function only(plan: Plan, steps: readonly number[]): Plan {
  return { ...plan, steps: plan.steps.filter((_step, at) => steps.includes(at)) };
}
