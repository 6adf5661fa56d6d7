import { fewerSteps } from '@relay/testing';
import { checkRun } from './check-run.js';
import { drawPlan } from './draw-plan.js';
import type { Violation } from './evidence.js';
import type { Plan } from './plan.js';
import { runPlan, type Plant } from './run-plan.js';

/** Draws a run, carries it out and checks it. `steps`: only those of the plan, by their places. */
export async function drawnRun(
  seed: number,
  steps: readonly number[] | null = null,
  plant: Plant = {},
): Promise<Violation[]> {
  const plan = drawPlan(`model-${seed}`);
  return run(steps === null ? plan : only(plan, steps), plant);
}

/** What is wrong with a run, and the one line to see it again; null when nothing is. */
export async function complaintOf(seed: number, steps: readonly number[] | null = null): Promise<string | null> {
  const found = await drawnRun(seed, steps);
  if (found.length === 0) return null;
  const few = steps ?? (await shrunk(seed, found));
  return [replayLine(seed, few), ...found.slice(0, 5)].join('\n');
}

function replayLine(seed: number, steps: readonly number[]): string {
  const file = 'apps/provet-sync/src/drawn-runs.slow-spec.ts';
  return `MODEL_SEEDS=${seed} MODEL_STEPS=${steps.join(',') || 'none'} npx vitest run --project slow ${file}`;
}

/** The fewest steps that still break the same rule. */
function shrunk(seed: number, found: readonly Violation[]): Promise<readonly number[]> {
  return fewerSteps(drawPlan(`model-${seed}`).steps.length, found, (steps) => drawnRun(seed, steps));
}

function only(plan: Plan, steps: readonly number[]): Plan {
  return { ...plan, steps: plan.steps.filter((_step, at) => steps.includes(at)) };
}

async function run(plan: Plan, plant: Plant): Promise<Violation[]> {
  const { evidence } = await runPlan(plan, plant);
  return checkRun(evidence);
}
