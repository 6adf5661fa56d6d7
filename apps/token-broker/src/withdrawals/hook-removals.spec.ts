import type { WithdrawalValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { HOOKS_WAIT_MS, HookRemovals } from './hook-removals.js';

const WITHDRAWN = Date.UTC(2026, 0, 1);
const hooks = (withdrawnAt: number) =>
  ({ kind: 'hooks', tenantId: 't', withdrawnAt: new Date(withdrawnAt).toISOString() }) as WithdrawalValue;

describe('the wait for webhooks to be removed', () => {
  it('ends with the word of the sync, of this withdrawal and no earlier one', () => {
    const removals = new HookRemovals();
    expect(removals.areDone('t', WITHDRAWN, WITHDRAWN + 5)).toBe(false);
    removals.note(hooks(WITHDRAWN - 1));
    expect(removals.areDone('t', WITHDRAWN, WITHDRAWN + 5)).toBe(false);
    removals.note(hooks(WITHDRAWN));
    expect(removals.areDone('t', WITHDRAWN, WITHDRAWN + 5)).toBe(true);
    expect(removals.areDone('other', WITHDRAWN, WITHDRAWN + 5)).toBe(false);
  });

  it('ends after a minute whatever the sync does', () => {
    expect(new HookRemovals().areDone('t', WITHDRAWN, WITHDRAWN + HOOKS_WAIT_MS - 1)).toBe(false);
    expect(new HookRemovals().areDone('t', WITHDRAWN, WITHDRAWN + HOOKS_WAIT_MS)).toBe(true);
  });
});
