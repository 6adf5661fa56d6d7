import { describe, expect, it } from 'vitest';
import { buildOpenApi } from './open-api.js';

describe('buildOpenApi', () => {
  it('describes every route of the admin API without any server, and asks for a token on each', async () => {
    const { paths } = await buildOpenApi();
    const routes = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([
      'GET /audit',
      'GET /holds',
      'GET /tenants',
      'GET /tenants/{tenantId}',
      'GET /tenants/{tenantId}/records/{resource}/{recordId}',
      'GET /tenants/{tenantId}/webhook-urls',
      'PATCH /tenants/{tenantId}',
      'POST /holds/{holdId}/approve',
      'POST /holds/{holdId}/reject',
      'POST /tenants',
      'POST /tenants/{tenantId}/check-permissions',
      'POST /tenants/{tenantId}/compare',
      'POST /tenants/{tenantId}/consent-link',
      'POST /tenants/{tenantId}/records/{resource}/{recordId}/verify',
      'POST /tenants/{tenantId}/replay',
      'POST /tenants/{tenantId}/resume',
      'POST /tenants/{tenantId}/resync',
      'POST /tenants/{tenantId}/suspend',
      'POST /tenants/{tenantId}/withdraw',
    ]);
    for (const item of Object.values(paths)) {
      for (const operation of Object.values(item)) {
        expect(operation).toMatchObject({ security: [{ bearer: [] }] });
        expect(Object.keys((operation as { responses: object }).responses)).toEqual(
          expect.arrayContaining(['401', '403']),
        );
      }
    }
  });
});
