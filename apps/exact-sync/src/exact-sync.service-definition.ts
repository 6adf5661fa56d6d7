import { defineService } from '@relay/service-kit';
import { syncStrategies } from '@relay/sync-engine';
import { crossChecks, settings } from './config.js';
import { ExactSyncModule } from './exact-sync.module.js';

/** How exact-sync starts: no API port, its consumers run as Nest transports. */
export const exactSync = defineService({
  name: 'exact-sync',
  settings,
  crossChecks,
  module: (config) => ExactSyncModule.forRoot(config),
  strategies: (app, config) => (config.exactEnvironment === '' ? [] : syncStrategies(app)),
});
