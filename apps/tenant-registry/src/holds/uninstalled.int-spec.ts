import { fileScope, until } from '@relay/testing';
import { beforeAll, expect, it } from 'vitest';
import type { HoldRecord } from '../persistence/hold-rows.js';
import { RunningRegistry } from '../test-support/running-registry.js';

const file = fileScope();
let registry: RunningRegistry;
beforeAll(async () => {
  registry = await RunningRegistry.start(file, { PROVET_UNINSTALL_DAYS: '0.00002' });
});

const holdOn = async (tenantId: string) => {
  const { items } = (await (await registry.ask('/holds')).json()) as { items: HoldRecord[] };
  return items.find((hold) => hold.kind === 'uninstalled' && hold.tenantId === tenantId);
};
let version = 100;
async function invalid(tenantId: string, invalidSince: Date | null): Promise<void> {
  const credentialId = `${tenantId}/c-1`;
  await registry.send('credential.v1', tenantId, credentialId, {
    credentialId,
    tenantId,
    health: invalidSince === null ? 'proven' : 'rejected',
    inForce: true,
    version: ++version,
    checkedAt: new Date().toISOString(),
    expiresAt: null,
    code: invalidSince === null ? null : 'invalid_client',
    invalidSince: invalidSince?.toISOString() ?? null,
  });
  await registry.consumed('credential.v1');
}

it('asks to withdraw a tenant whose client the vendor has not known for long, and does it when approved', async () => {
  const tenantId = await registry.hookup(1);
  await invalid(tenantId, new Date(Date.now() - 60_000));
  const hold = await until('the hold', () => holdOn(tenantId));
  expect(hold.detail).toMatchObject({ credentialId: `${tenantId}/c-1` });
  expect(await registry.stateOf(tenantId)).toBe('suspended: credential-rejected');
  expect((await registry.post(`/holds/${hold.holdId}/approve`, { reason: 'they left' })).status).toBe(202);
  expect(await registry.stateOf(tenantId)).toBe('withdrawn');
});

it('closes the hold by itself when the client works again, and asks again about another such time only', async () => {
  const tenantId = await registry.hookup(2);
  const since = new Date(Date.now() - 60_000);
  await invalid(tenantId, since);
  await until('the hold', () => holdOn(tenantId));
  await invalid(tenantId, null);
  await until('the hold is closed', async () => (await holdOn(tenantId)) === undefined);
  await invalid(tenantId, new Date(since.getTime() + 1000));
  const second = await until('another hold', () => holdOn(tenantId));
  expect((await registry.post(`/holds/${second.holdId}/reject`, { reason: 'a mistake' })).status).toBe(202);
  // One that is asked about later proves that the keeper has looked since.
  const other = await registry.hookup(3);
  await invalid(other, new Date(Date.now() - 60_000));
  await until('the hold on the other', () => holdOn(other));
  expect(await holdOn(tenantId)).toBeUndefined();
});

it('leaves alone whom another credential serves', async () => {
  const tenantId = await registry.hookup(4);
  await registry.credential(tenantId, 'proven', { clientId: 'c-2' });
  await registry.send('credential.v1', tenantId, `${tenantId}/c-1`, {
    credentialId: `${tenantId}/c-1`,
    tenantId,
    health: 'rejected',
    inForce: false,
    version: ++version,
    checkedAt: new Date().toISOString(),
    expiresAt: null,
    code: 'invalid_client',
    invalidSince: new Date(Date.now() - 60_000).toISOString(),
  });
  const other = await registry.hookup(5);
  await invalid(other, new Date(Date.now() - 60_000));
  await until('the hold on the other', () => holdOn(other));
  expect(await holdOn(tenantId)).toBeUndefined();
});
