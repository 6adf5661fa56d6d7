import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines, openLog } from '../log-file.ts';
import { startGuarded, type GuardedProcess } from '../processes/guarded-process.ts';
import { freePort, requirePort, usualOrFree } from '../processes/ports.ts';
import { forgetProcess, recordProcess, stopLeftOver } from '../processes/recorded-process.ts';
import { StopWithMessage, tell } from '../stop-with-message.ts';
import { askClusterMetadata } from './cluster-metadata.ts';
import { kafkaJars } from './jars.ts';
import { findJava } from './java.ts';
import { serverProperties } from './server-properties.ts';

export interface LocalServer {
  readonly port: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 4_000;
const JVM = ['-Xms32m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const QUIET = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];

/**
 * Everything that can be refused before a server runs (no Java, no jars, a busy port); what it returns starts Apache Kafka and
 * waits until it serves under its own cluster id.
 */
export async function prepareKafka(
  dataFolder: string,
  env: NodeJS.ProcessEnv,
  usualPort?: number,
): Promise<() => Promise<LocalServer>> {
  const folder = join(dataFolder, 'kafka');
  mkdirSync(folder, { recursive: true });
  const java = await findJava(env);
  const classPath = (await kafkaJars(env)).join(':');
  const record = join(folder, 'process.json');
  if (await stopLeftOver(record, folder, 'SIGTERM')) tell('Stopped a Kafka that an earlier run had left behind.');
  const chosen = env['KAFKA_PORT'] ? await requirePort('KAFKA_PORT', env['KAFKA_PORT']) : undefined;
  return async () => {
    const clusterId = await format(folder, java, classPath, env);
    for (let attempt = 1; ; attempt += 1) {
      const port = chosen ?? (await usualOrFree(attempt, usualPort));
      const outcome = await run({ folder, dataFolder, java, classPath, env, port, clusterId, record });
      if (outcome.ready) return outcome.server;
      // The free port may have been taken between the look and the use; one given by hand is not replaced.
      if (chosen !== undefined || attempt === 3) {
        throw new StopWithMessage(
          'kafka-failed',
          `Apache Kafka did not start (${outcome.how}). The end of its log:\n${outcome.log}`,
        );
      }
    }
  };
}

/** Writes the storage format once and returns the cluster id. A format cut off half-way is done again. */
async function format(folder: string, java: string, classPath: string, env: NodeJS.ProcessEnv): Promise<string> {
  const idFile = join(folder, 'cluster-id');
  if (existsSync(idFile)) return readFileSync(idFile, 'utf8').trim();
  const logFolder = join(folder, 'log');
  rmSync(logFolder, { recursive: true, force: true });
  const properties = join(folder, 'format.properties');
  // The ports are not used by the format, but its configuration check wants some.
  writeFileSync(properties, serverProperties({ port: 9092, controllerPort: 9093, logFolder }));
  const clusterId = newClusterId();
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
  await new Promise<void>((resolve, reject) => {
    execFile(java, [...JVM, ...QUIET, '-cp', classPath, ...tool], { env, cwd: folder }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else
        reject(new StopWithMessage('kafka-format', `Kafka's data folder could not be prepared:\n${stdout}${stderr}`));
    });
  });
  rmSync(properties);
  writeFileSync(idFile, clusterId);
  return clusterId;
}

/** 16 random bytes; the tool would take an id that begins with a dash for an option. */
export function newClusterId(random: () => Buffer = () => randomBytes(16)): string {
  for (;;) {
    const id = random().toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

interface Run {
  readonly folder: string;
  readonly dataFolder: string;
  readonly java: string;
  readonly classPath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  readonly clusterId: string;
  readonly record: string;
}

type Outcome = { ready: true; server: LocalServer } | { ready: false; how: string; log: string };

async function run(options: Run): Promise<Outcome> {
  const { folder, java, classPath, env, port, clusterId, record } = options;
  const properties = join(folder, 'server.properties');
  const logFolder = join(folder, 'log');
  writeFileSync(properties, serverProperties({ port, controllerPort: await freePort(new Set([port])), logFolder }));
  const logPath = join(options.dataFolder, 'logs', 'kafka.log');
  const output = openLog(logPath);
  const kafka = startGuarded({
    command: [java, ...JVM, ...QUIET, '-cp', classPath, 'kafka.Kafka', properties],
    cwd: folder,
    env,
    output,
    stopSignal: 'SIGTERM',
  });
  closeSync(output);
  recordProcess(record, kafka.identity);
  const how = await untilReady(kafka, port, clusterId);
  if (how !== 'ready') {
    await kafka.stop(STOP_PATIENCE_MS);
    forgetProcess(record);
    return { ready: false, how, log: lastLines(logPath) };
  }
  const stop = async () => {
    await kafka.stop(STOP_PATIENCE_MS);
    forgetProcess(record);
  };
  return { ready: true, server: { port, ended: kafka.ended, stop } };
}

/** Ready means: a Metadata answer with our cluster id and an unfenced broker. Somebody else's broker may own the port. */
async function untilReady(kafka: GuardedProcess, port: number, clusterId: string): Promise<string> {
  const end = Date.now() + START_PATIENCE_MS;
  while (Date.now() < end) {
    if (kafka.hasEnded) return `it ended with ${await kafka.ended}`;
    const answer = await askClusterMetadata(port);
    if (answer !== null && answer.clusterId === clusterId && answer.brokers > 0) return 'ready';
    await delay(100);
  }
  return `it was not ready after ${START_PATIENCE_MS / 1000} s`;
}
