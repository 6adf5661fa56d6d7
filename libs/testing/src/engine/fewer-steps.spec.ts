import { expect, it } from 'vitest';
import { fewerSteps } from './fewer-steps.js';

it('keeps only the steps that it takes to break the same rule', async () => {
  const run = async (steps: readonly number[]): Promise<string[]> => [
    ...(steps.includes(3) ? ['order: another rule'] : []),
    ...(steps.includes(2) && steps.includes(9) ? ['tail: what is wrong may read otherwise'] : []),
  ];
  expect(await fewerSteps(12, ['tail: something'], run)).toEqual([2, 9]);
});
