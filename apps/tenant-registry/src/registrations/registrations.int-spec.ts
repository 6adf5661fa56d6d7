import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { HOST, RunningRegistry, at } from '../test-support/running-registry.js';

const file = fileScope();
let registry: RunningRegistry;
beforeAll(async () => {
  registry = await RunningRegistry.start(file);
});

describe('a Provet tenant', () => {
  it('joins, is proven, and is published with growing versions', async () => {
    const tenantId = await registry.hookup(1);
    await registry.becomes(tenantId, 'pending');
    await registry.credential(tenantId, 'proven');
    await registry.becomes(tenantId, 'active');
    const value = await until('active on tenant.v1', () =>
      registry.published(tenantId)?.state === 'active' ? registry.published(tenantId) : null,
    );
    expect(value).toMatchObject({ host: HOST, scheme: 'http', provetId: 1, grant: 'client_credentials' });
    expect(value.credentialId).toBe(`${tenantId}/c-1`);
    const versions = registry.history(tenantId).map((one) => one.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('becomes active also when its credential is proven before its registration is read', async () => {
    await registry.credential(`provet:${HOST}:2`, 'proven');
    await registry.consumed('credential.v1');
    const tenantId = await registry.hookup(2);
    await registry.consumed('hookup.v1');
    expect(await registry.stateOf(tenantId)).toBe('active');
  });

  it('keeps working while a second credential is rejected, and takes the new one over once it is proven', async () => {
    const tenantId = await registry.hookup(3);
    await registry.credential(tenantId, 'proven');
    await registry.becomes(tenantId, 'active');
    await registry.hookup(3, 'c-2');
    await registry.credential(tenantId, 'rejected', { clientId: 'c-2' });
    await registry.credential(tenantId, 'proven', { clientId: 'c-2' });
    await registry.credential(tenantId, 'proven', { clientId: 'c-1', inForce: false });
    await until('the new credential is used', async () => {
      return (await registry.get(tenantId)).credentialId === `${tenantId}/c-2`;
    });
    const states = registry.history(tenantId).map((one) => one.state);
    expect(new Set(states)).toEqual(new Set(['pending', 'active']));
  });

  it('returns when it registers again after it was withdrawn, and not by an old message', async () => {
    const first = new Date();
    const tenantId = await registry.hookup(4, 'c-1', first);
    await registry.credential(tenantId, 'proven');
    await registry.becomes(tenantId, 'active');
    expect((await registry.post(`${at(tenantId)}/withdraw`, { reason: 'moved away' })).status).toBe(202);
    await registry.hookup(4, 'c-1', first);
    await registry.credential(tenantId, 'proven');
    await registry.consumed('hookup.v1');
    await registry.consumed('credential.v1');
    expect(await registry.stateOf(tenantId)).toBe('withdrawn');
    await registry.hookup(4, 'c-1', new Date(first.getTime() + 1));
    await until('it is here again', async () => (await registry.stateOf(tenantId)) !== 'withdrawn');
  });

  it('is suspended when every resource answers 404', async () => {
    const tenantId = await registry.hookup(6);
    await registry.credential(tenantId, 'proven');
    await registry.becomes(tenantId, 'active');
    const counters = { notices: 0, duplicates: 0, late: 0, missed: 0, healed: 0, deleted: 0 };
    for (const resource of ['client', 'patient']) {
      await registry.send('sync-status.v1', tenantId, `${tenantId}/${resource}`, {
        tenantId,
        vendor: 'provet',
        resource,
        phase: 'paused',
        reason: 'tenant-not-found',
        backfill: null,
        completeAsOf: null,
        lastCheckedAt: null,
        counters,
        parked: 0,
        unpublished: 0,
        breaker: 'closed',
        updatedAt: new Date().toISOString(),
      });
    }
    await registry.becomes(tenantId, 'suspended: not-found');
    const { detail } = await until('both statuses', async () => {
      const found = await registry.get<{
        detail: { sync: unknown[]; reasonText: string };
      }>(tenantId);
      return found.detail.sync.length === 2 ? found : null;
    });
    expect(detail.reasonText).toContain('404');
  });
});
