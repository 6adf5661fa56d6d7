import type { TenantValue } from '@relay/contracts';
import { expect, it } from 'vitest';
import { withdrawnAmong } from './withdraw-tenant.js';

const AT = '2026-01-01T00:00:00.000Z';
const tenant = (tenantId: string, state: TenantValue['state'], vendor: TenantValue['vendor'] = 'provet') =>
  ({ tenantId, state, vendor, changedAt: AT }) as TenantValue;

it('names tenants whose last word is withdrawn or purged, and only those with credentials of their own', () => {
  const found = withdrawnAmong([
    tenant('provet:h:1', 'withdrawn'),
    tenant('provet:h:2', 'purged'),
    tenant('provet:h:3', 'suspended'),
    tenant('provet:h:4', 'withdrawn'),
    tenant('provet:h:4', 'pending'),
    tenant('exact:qa:UK1', 'withdrawn', 'exact'),
  ]);
  expect([...found]).toEqual([
    ['provet:h:1', Date.parse(AT)],
    ['provet:h:2', Date.parse(AT)],
  ]);
});
