import { writeSync } from 'node:fs';
import { ConfigError, EXIT_CONFIG, Log, maskedSummary, readConfig, secretTexts } from '@relay/service-kit';
import { settings, type SimulatorConfig } from './config.js';
import { startSimulator } from './start.js';

/** How long requests and webhooks in flight may go on after a signal. */
const STOP_WITHIN_MS = 1_500;

function readOrExit(): SimulatorConfig {
  try {
    return readConfig(settings, { env: process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.problems.map((problem) => `  - ${problem}\n`).join('');
    // Written at once: nothing may be lost in a buffer when the process ends on the next line.
    writeSync(2, `vendor-simulator cannot start, its settings are wrong:\n${lines}`);
    return process.exit(EXIT_CONFIG);
  }
}

const config = readOrExit();
const log = Log.create({ service: 'vendor-simulator', level: config.logLevel, format: config.logFormat });
for (const text of secretTexts(settings, config)) log.neverPrint(text);
log.info({ settings: maskedSummary(settings, config), node: process.version }, 'starting');

try {
  const simulator = await startSimulator({ ...config, log });
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(0), STOP_WITHIN_MS);
    void simulator.close().finally(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  log.info({ provet: simulator.provetUrl, exact: simulator.exactUrl }, 'started');
} catch (error) {
  log.error({ err: error }, 'cannot start');
  process.exit(1);
}
