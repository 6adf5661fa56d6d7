import { Module, type DynamicModule } from '@nestjs/common';
import { Health } from '../health/health.js';
import { Log } from '../logging/log.js';
import { Metrics } from '../metrics/metrics.js';

/** Injection token of the service's config object. */
export const CONFIG = Symbol('practice-relay.config');

export interface ServiceKit {
  readonly config: object;
  readonly log: Log;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** Makes config, log, health and metrics injectable everywhere. `runService` adds it; tests can, too. */
@Module({})
export class ServiceKitModule {
  static forRoot(kit: ServiceKit): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: kit.config },
      { provide: Log, useValue: kit.log },
      { provide: Health, useValue: kit.health },
      { provide: Metrics, useValue: kit.metrics },
    ];
    return { module: ServiceKitModule, global: true, providers, exports: [CONFIG, Log, Health, Metrics] };
  }
}
