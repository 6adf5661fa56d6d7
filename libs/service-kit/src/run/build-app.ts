import { NestFactory } from '@nestjs/core';
import type { DynamicModule, INestMicroservice } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { drainConnections } from '../http/drain-connections.js';
import { recordRequests } from '../http/request-log.js';
import { MethodNotAllowed } from '../http/method-not-allowed.js';
import { ProblemFilter } from '../http/problem-filter.js';
import { problemFastifyOptions, problemForDraining } from '../http/fastify-problems.js';
import { NestLogger } from '../logging/nest-logger.js';
import type { ConfigOf } from '../settings/setting.js';
import { RethrowFilter } from './rethrow-filter.js';
import { ServiceKitModule, type ServiceKit } from './service-kit.module.js';
import type { ServiceDefinition, ServiceSettings } from './service-definition.js';

/** Part of Nest's class that its interface leaves out. */
interface InitHookSwitch {
  setIsInitHookCalled(called: boolean): void;
}

/**
 * Builds a service's Nest application: routes and modules are ready, transports are connected but not started, no port
 * is open. Services without an API get the same adapter and simply never listen.
 */
export async function buildApp<S extends ServiceSettings>(
  definition: ServiceDefinition<S>,
  config: ConfigOf<S>,
  kit: ServiceKit,
): Promise<NestFastifyApplication> {
  const { http } = definition;
  const adapter = new FastifyAdapter({
    forceCloseConnections: 'idle',
    ...problemFastifyOptions,
    ...http?.fastify?.(config),
  });
  const fastify = adapter.getInstance();
  const methods = new MethodNotAllowed(fastify);
  problemForDraining(fastify);
  drainConnections(fastify);
  if (http) recordRequests(fastify, kit.log, kit.metrics);

  const root: DynamicModule = {
    module: class ServiceRoot {},
    imports: [ServiceKitModule.forRoot(kit), definition.module(config)],
  };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(kit.log),
    rawBody: http?.rawBody ?? false,
    abortOnError: false,
    // From the first moment of stopping: nothing new is begun while consumers finish.
    return503OnClosing: true,
  });
  app.useGlobalFilters(new ProblemFilter(kit.log));
  await http?.configure?.(app, config);
  for (const strategy of definition.strategies?.(app, config) ?? []) {
    const transport = app.connectMicroservice({ strategy }, { deferInitialization: true });
    transport.useGlobalFilters(new RethrowFilter());
    // The modules are the application's and are started by it; a deferred transport would start them a second time.
    (transport as INestMicroservice & InitHookSwitch).setIsInitHookCalled(true);
  }
  await app.init();
  methods.register();
  return app;
}
