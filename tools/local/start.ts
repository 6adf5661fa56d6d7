import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { claimDataFolder, dataFolder } from './data-folder.ts';
import { startInfrastructure, type Infrastructure } from './infrastructure.ts';
import { isPortFree } from './processes/ports.ts';
import { SERVICES, V8_OPTIONS } from './services.ts';
import { build, needsBuild } from './start/build.ts';
import { startChild, type Child } from './start/child.ts';
import {
  addressOf,
  managementPortOf,
  portsToOpen,
  provetHosts,
  publicUrlOf,
  serviceEnvironment,
  simulatorEnvironment,
  usesSimulator,
  type StartPlan,
} from './start/environment.ts';
import { keysOf } from './start/keys-file.ts';
import { forgetParts, recordParts, stopLeftOverParts } from './start/left-overs.ts';
import { untilReady } from './start/readiness.ts';
import { isStopRequested, stopRequest } from './stop-request.ts';
import { StopWithMessage, runCommand } from './stop-with-message.ts';

/** Together with the 4 s that Kafka and Postgres get, everything is down within 15 s. */
const SERVICE_PATIENCE_MS = 8_500;
const SIMULATOR_PATIENCE_MS = 1_500;

interface Running {
  /** The data folder is ours: what lies in it may be changed. */
  claimed: boolean;
  /** Everything is up: from now on a warning is news. */
  ready: boolean;
  stopping: boolean;
  infra: Infrastructure | null;
  simulator: Child | null;
  readonly services: Child[];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function refuseBusyPorts(env: NodeJS.ProcessEnv): Promise<void> {
  const problems: string[] = [];
  const taken = new Map<string, string>();
  for (const { variable, port, of } of portsToOpen(env)) {
    const number = Number(port);
    if (!Number.isInteger(number) || number < 1 || number > 65_535) {
      problems.push(`${variable} must be a port number from 1 to 65535.`);
    } else if (taken.has(port)) {
      problems.push(`Port ${port} is given to both ${taken.get(port)} and ${variable}.`);
    } else if (!(await isPortFree(number))) {
      problems.push(`Port ${port} (${of}) is in use by another process; ${variable} moves it.`);
    }
    taken.set(port, variable);
  }
  if (problems.length > 0) throw new StopWithMessage('port-busy', `Nothing was started.\n${problems.join('\n')}`);
}

/** Everything up to the ready line. What it has started is in `running` at any time, so that it can be stopped. */
async function start(folder: string, running: Running): Promise<void> {
  const { env } = process;
  await claimDataFolder(folder, () => running.stopping || isStopRequested());
  running.claimed = true;
  await stopLeftOverParts(folder);
  await refuseBusyPorts(env);
  if (needsBuild()) {
    say('Building …');
    await build();
  }
  const keyring = keysOf(folder);
  say('Starting Kafka and Postgres …');
  const infra = await startInfrastructure(folder, env);
  running.infra = infra;
  const plan = { env, keyring, kafkaBrokers: infra.kafkaBrokers, databaseUrl: infra.databaseUrl };
  infra.note({ publicUrl: publicUrlOf(env), topicPrefix: env['TOPIC_PREFIX'] || 'relay.', ...provetHosts(plan) });
  say(`  Kafka ${infra.kafkaBrokers}, Postgres ${new URL(infra.databaseUrl).host}`);
  await startParts(plan, folder, running);
  running.ready = true;
  announce(keyring);
}

async function startParts(plan: StartPlan, folder: string, running: Running): Promise<void> {
  const logs = join(folder, 'logs');
  const options = { logFolder: logs, least: () => (running.ready ? ('warn' as const) : ('error' as const)) };
  const record = () =>
    recordParts(
      folder,
      [running.simulator, ...running.services].flatMap((child) => (child === null ? [] : [child.identity])),
    );
  if (running.stopping) return;
  if (usesSimulator(plan.env)) {
    say('Starting the vendor simulator …');
    running.simulator = startChild('simulator', ['local/simulator'], {
      ...options,
      env: simulatorEnvironment(plan),
    });
    record();
    await untilReady(running.simulator, addressOf(plan.env, 'provet-simulator'));
  }
  say(`Starting the services (logs in ${logs}) …`);
  for (const service of SERVICES) {
    if (running.stopping) return;
    running.services.push(
      startChild(service.name, ['local/service', service.name], {
        ...options,
        v8Options: V8_OPTIONS,
        env: serviceEnvironment(plan, service),
      }),
    );
    record();
  }
  await Promise.all(
    SERVICES.map(async ({ name }, index) => {
      const child = running.services[index];
      if (child === undefined) return;
      await untilReady(child, `http://127.0.0.1:${managementPortOf(plan.env, name)}/health/ready`);
      say(`  ${name} is ready`);
    }),
  );
}

function announce(keyring: Readonly<Record<string, string>>): void {
  const { env } = process;
  const token = env['OPERATOR_TOKENS'] ? env['OPERATOR_TOKEN'] : keyring['OPERATOR_TOKEN'];
  say(`Practice Relay is ready. Console: ${addressOf(env, 'console')}/${token ? `#token=${token}` : ''}`);
  say('Next: `npm run events -- --from-beginning` in another terminal shows the record events as they come;');
  say('      `npm run hookup-url` prints the URL to hand to Provet. Ctrl-C stops everything.');
}

async function stopAll(folder: string, running: Running): Promise<void> {
  running.stopping = true;
  await Promise.all(running.services.map((child) => child.stop(SERVICE_PATIENCE_MS)));
  await running.simulator?.stop(SIMULATOR_PATIENCE_MS);
  await running.infra?.stop();
  if (running.claimed) forgetParts(folder);
}

/** The first part that ends by itself, as a sentence. */
function firstFailure(running: Running): Promise<string> {
  const children = [...running.services, ...(running.simulator === null ? [] : [running.simulator])];
  return Promise.race([
    ...children.map((child) =>
      child.ended.then((how) => `${child.name} ended by itself (${how}); its log is ${child.logPath}.`),
    ),
    ...(running.infra === null ? [] : [running.infra.failed]),
  ]);
}

/** `npm start`: everything on this machine. */
await runCommand(async () => {
  const asked = stopRequest();
  if (existsSync('.env')) process.loadEnvFile('.env');
  const folder = dataFolder();
  const running: Running = {
    claimed: false,
    ready: false,
    stopping: false,
    infra: null,
    simulator: null,
    services: [],
  };
  let failure: unknown = null;
  try {
    const early = await Promise.race([start(folder, running), asked]);
    if (typeof early !== 'string') {
      failure = await Promise.race([asked.then(() => null), firstFailure(running)]);
    }
  } catch (error) {
    failure = error;
  }
  if (failure === null) say('Stopping …');
  else console.error(failure instanceof StopWithMessage ? failure.message : failure);
  await stopAll(folder, running);
  return failure === null ? 0 : 1;
});
process.exit();
