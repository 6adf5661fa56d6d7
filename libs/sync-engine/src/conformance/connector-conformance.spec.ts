import { provetTenant } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ScriptedVendor } from '../test-support/scripted-vendor.js';
import { NotConforming, connectorConformance } from './connector-conformance.js';

const tenant = provetTenant();

function subject() {
  const vendor = new ScriptedVendor({ pageSize: 2 });
  for (let id = 1; id <= 5; id += 1) vendor.put(tenant.tenantId, 'client', id, { name: `N${id}` });
  return vendor;
}

describe("the scripted vendor of the engine's own tests", () => {
  it.each(connectorConformance({ connector: subject(), tenant, stranger: null }))('$name', async (check) => {
    await expect(check.run()).resolves.toBeUndefined();
  });
});

describe('the checks themselves', () => {
  it('find a list that repeats a record', async () => {
    const vendor = subject();
    const readPage = vendor.readPage.bind(vendor);
    vendor.readPage = async (...call) => {
      const page = await readPage(...call);
      return page.kind === 'page' ? { ...page, rows: [...page.rows, ...page.rows] } : page;
    };
    const checks = connectorConformance({ connector: vendor, tenant, stranger: null });
    const check = checks.find(({ name }) => name.includes('meets no record twice'));
    await expect(check?.run()).rejects.toThrow(NotConforming);
  });
});
