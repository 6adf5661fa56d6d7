import type { EngineStore } from '../ports/engine-store.js';
import { fenceChecks } from './store/fence-checks.js';
import { logChecks } from './store/log-checks.js';
import { pendingChecks } from './store/pending-checks.js';
import { progressChecks } from './store/progress-checks.js';
import { purgeChecks } from './store/purge-checks.js';
import { StoreProbe, type StoreCheck } from './store/store-probe.js';
import { versionChecks } from './store/version-checks.js';

/**
 * What every store of the engine must do, whatever it keeps its rows in. Both stores run the same checks: what the model
 * finds true of memory is true of PostgreSQL.
 */
export function storeConformance(store: () => EngineStore): { readonly name: string; run(): Promise<void> }[] {
  const checks: StoreCheck[] = [
    ...fenceChecks,
    ...pendingChecks,
    ...progressChecks,
    ...logChecks,
    ...purgeChecks,
    ...versionChecks,
  ];
  return checks.map((check, index) => ({
    name: check.name,
    run: async () => check.run(await StoreProbe.open(store(), index)),
  }));
}
