import type { Database } from '@relay/database';
import type { Log, Metrics } from '@relay/service-kit';
import { HOLD_KINDS, countHolds } from '../persistence/hold-rows.js';

/** `relay_registry_holds`: how many holds wait for a person, counted when somebody looks. */
export function holdGauge(metrics: Metrics, database: Database, log: Log): void {
  metrics.gauge({
    name: 'relay_registry_holds',
    help: 'Open holds by kind: changes that wait for a person',
    labelNames: ['kind'],
    async collect() {
      try {
        const counts = await countHolds(database);
        for (const kind of HOLD_KINDS) this.set({ kind }, counts.find((one) => one.kind === kind)?.count ?? 0);
      } catch (error) {
        // The other metrics must be readable while the database is away; an old count would be a lie.
        this.reset();
        log.debug({ err: error }, 'holds cannot be counted now');
      }
    },
  });
}
