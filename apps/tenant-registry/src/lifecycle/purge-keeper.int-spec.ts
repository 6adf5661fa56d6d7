import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { RunningRegistry, at } from '../test-support/running-registry.js';

describe('a tenant that stays withdrawn', () => {
  it('is purged after PURGE_AFTER_DAYS, and begins anew when it returns', async (scope) => {
    const registry = await RunningRegistry.start(scope, { PURGE_AFTER_DAYS: '0.00002' });
    const tenantId = await registry.hookup(1);
    await registry.credential(tenantId, 'proven');
    await registry.becomes(tenantId, 'active');
    expect((await registry.post(`${at(tenantId)}/withdraw`, { reason: 'a test' })).status).toBe(202);
    await registry.becomes(tenantId, 'purged');
    const history = await until('it is published', () => {
      const seen = registry.history(tenantId);
      return seen.at(-1)?.state === 'purged' ? seen : null;
    });
    const [withdrawn, purged] = history.slice(-2);
    expect(withdrawn).toMatchObject({ state: 'withdrawn' });
    expect(withdrawn).not.toHaveProperty('purgedAt');
    const purgedAt = Date.parse(String(purged?.purgedAt));
    expect(purgedAt - Date.parse(String(withdrawn?.changedAt))).toBeGreaterThanOrEqual(1_700);
    const ordered = await until('the audit entry', () =>
      registry.seen('audit.v1').find(({ value }) => (value as { action: string }).action === 'purge-ordered'),
    );
    expect(ordered.value).toMatchObject({ actor: 'service:tenant-registry', tenantId });

    await registry.hookup(1, 'c-2');
    await registry.becomes(tenantId, 'pending');
    const back = await until('its return', () => {
      const last = registry.published(tenantId);
      return last?.state === 'pending' ? last : null;
    });
    expect(back.purgedAt).toBe(purged?.purgedAt);
    expect(back.version).toBeGreaterThan(purged?.version ?? Infinity);
  });

  it('is left alone before that', async (scope) => {
    const registry = await RunningRegistry.start(scope, { PURGE_AFTER_DAYS: '0.00002' });
    const served = await registry.hookup(2);
    await registry.credential(served, 'proven');
    await registry.becomes(served, 'active');
    const other = await registry.hookup(3);
    await registry.becomes(other, 'pending');
    await registry.post(`${at(other)}/withdraw`, { reason: 'a test' });
    await registry.becomes(other, 'purged');
    expect(await registry.stateOf(served)).toBe('active');
  });
});
