import { describe, expect, it } from 'vitest';
import { resourceSpecs } from './resource-specs.js';

const causes = (notices: boolean) =>
  resourceSpecs(['client'], { reconcileSeconds: 900, sweepSeconds: 86_400, notices })[0]?.passes.map(
    ({ name, cause }) => [name, cause],
  );

describe('what the checks of a resource call their finds', () => {
  it('is named after the check where notices come', () => {
    expect(causes(true)).toEqual([
      ['backfill', 'backfill'],
      ['reconcile', 'reconcile'],
      ['sweep', 'sweep'],
    ]);
  });

  it('is poll where none can come', () => {
    expect(causes(false)).toEqual([
      ['backfill', 'backfill'],
      ['reconcile', 'poll'],
      ['sweep', 'poll'],
    ]);
  });
});
