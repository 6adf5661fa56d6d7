import { TENANT_STATES, VENDORS } from '@relay/contracts';
import type { Database } from '@relay/database';
import type { Log, Metrics } from '@relay/service-kit';
import { countTenants } from '../persistence/tenant-rows.js';

/** `relay_registry_tenants`: how many tenants are in which state, counted when somebody looks. */
export function tenantGauge(metrics: Metrics, database: Database, log: Log): void {
  metrics.gauge({
    name: 'relay_registry_tenants',
    help: 'Tenants by vendor and state',
    labelNames: ['vendor', 'state'],
    async collect() {
      try {
        const counts = await countTenants(database);
        for (const vendor of VENDORS) {
          for (const state of TENANT_STATES) {
            const count = counts.find((one) => one.vendor === vendor && one.state === state)?.count ?? 0;
            this.set({ vendor, state }, count);
          }
        }
      } catch (error) {
        // The other metrics must be readable while the database is away; an old count would be a lie.
        this.reset();
        log.debug({ err: error }, 'tenants cannot be counted now');
      }
    },
  });
}
