import { writeSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '../health/health.js';
import { ManagementServer } from '../health/management-server.js';
import { Log } from '../logging/log.js';
import { Metrics } from '../metrics/metrics.js';
import { managementPortOf, type CommonConfig } from '../settings/common-settings.js';
import { ConfigError, EXIT_CONFIG } from '../settings/config-error.js';
import { maskedSummary, secretTexts } from '../settings/describe-settings.js';
import { readConfig } from '../settings/read-config.js';
import type { ConfigOf } from '../settings/setting.js';
import { buildApp } from './build-app.js';
import { Lifecycle } from './lifecycle.js';
import { PortBusy, portBusy } from './port-busy.js';
import type { ServiceDefinition, ServiceSettings } from './service-definition.js';

// S holds commonSettings, which the compiler cannot follow through the mapped type.
type WholeConfig<S> = ConfigOf<S> & CommonConfig;

function readOrExit<S extends ServiceSettings>(definition: ServiceDefinition<S>): WholeConfig<S> {
  let config: ConfigOf<S>;
  try {
    config = readConfig(definition.settings, {
      env: process.env,
      defaults: { managementPort: managementPortOf(definition.name) },
      crossChecks: (read) => definition.crossChecks?.(read) ?? [],
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    exitOver(error, definition.name);
  }
  return config;
}

function exitOver(error: ConfigError, service: string): never {
  const lines = error.problems.map((problem) => `  - ${problem}\n`).join('');
  // Written at once: nothing may be lost in a buffer when the process ends on the next line.
  writeSync(2, `${service} cannot start, its settings are wrong:\n${lines}`);
  process.exit(EXIT_CONFIG);
}

async function listen(app: NestFastifyApplication, config: { host: string }, port: number): Promise<void> {
  try {
    await app.listen(port, config.host);
  } catch (error) {
    throw portBusy(error, 'PORT', port, config.host);
  }
}

/**
 * Runs a service until a signal ends it. The management port opens first: the process is alive while it waits for Kafka
 * or Postgres, and ready once its checks are up and its own port is open.
 */
export async function runService<S extends ServiceSettings>(definition: ServiceDefinition<S>): Promise<void> {
  const config = readOrExit(definition);
  const log = Log.create({ service: definition.name, level: config.logLevel, format: config.logFormat });
  for (const text of secretTexts(definition.settings, config)) log.neverPrint(text);
  const health = new Health();
  const metrics = new Metrics();
  metrics.collectProcess();
  const management = new ManagementServer(health, metrics);
  const lifecycle = new Lifecycle(log, health, management, config.shutdownGraceMs);
  lifecycle.watch();
  try {
    log.info({ settings: maskedSummary(definition.settings, config), node: process.version }, 'starting');
    await management.open(config.managementPort, config.host).catch((error: unknown) => {
      throw portBusy(error, 'MANAGEMENT_PORT', config.managementPort, config.host);
    });
    const app = await buildApp(definition, config, { config, log, health, metrics });
    lifecycle.started(app);
    await app.startAllMicroservices();
    const port = (config as { readonly port?: number }).port;
    if (definition.http && port !== undefined) await listen(app, config, port);
    lifecycle.running();
    log.info({ ...(definition.http ? { port } : {}), managementPort: config.managementPort }, 'started');
  } catch (error) {
    if (lifecycle.stopping) return;
    // Found out only by what lies in the database or in Kafka: a key that is still needed is not given any more.
    if (error instanceof ConfigError) exitOver(error, definition.name);
    if (error instanceof PortBusy) log.error({ code: error.code }, error.message);
    else log.error({ err: error }, 'cannot start');
    process.exit(1);
  }
}
