import { until } from '@relay/testing';
import { expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { ScriptedVendor } from '../test-support/scripted-vendor.js';

it('prepares a tenant once, and again when what the connector prepares by is another', async (scope) => {
  const vendor = new ScriptedVendor();
  const world = await EngineWorld.create(scope, vendor);
  const { tenantId } = await world.tenant();
  vendor.put(tenantId, 'client', 1, { name: 'Ann' });
  const first = await world.start();
  await world.live(tenantId);
  expect(vendor.count('prepare')).toBe(1);
  await world.stop(first);

  const second = await world.start();
  vendor.put(tenantId, 'client', 1, { name: 'Bea' });
  await world.notice(tenantId, 1);
  await until('the lane works again', () => world.eventsOf(tenantId, 1).length > 1);
  expect(vendor.count('prepare')).toBe(1);
  await world.stop(second);

  vendor.preparesBy = 'second key';
  await world.start();
  await until('it is prepared again', () => vendor.count('prepare') === 2);
});
