import { defineService } from '@relay/service-kit';
import { syncStrategies } from '@relay/sync-engine';
import { crossChecks, settings } from './config.js';
import { ProvetSyncModule } from './provet-sync.module.js';

/** How provet-sync starts: no API port, its consumers run as Nest transports. */
export const provetSync = defineService({
  name: 'provet-sync',
  settings,
  crossChecks,
  module: (config) => ProvetSyncModule.forRoot(config),
  strategies: (app) => syncStrategies(app),
});
