import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeRunningInfra, writePrivately, writeRunningInfra, type RunningInfra } from './data-folder.ts';
import { prepareKafka, type LocalServer } from './kafka/kafka-server.ts';
import { preparePostgres, type LocalPostgres } from './postgres/postgres-server.ts';
import { tell } from './stop-with-message.ts';

export interface Infrastructure {
  readonly kafkaBrokers: string;
  readonly databaseUrl: string;
  /** Resolves with a sentence when a server that was started here ends by itself. */
  readonly failed: Promise<string>;
  /** Adds to the note that other commands read. */
  note(more: Partial<RunningInfra>): void;
  stop(): Promise<void>;
}

interface UsualPorts {
  readonly kafka?: number;
  readonly postgres?: number;
}

interface Part {
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Kafka and Postgres for one claimed data folder: those named by KAFKA_BROKERS and DATABASE_URL, else servers started here. The
 * ports of the last run are used again when they are free.
 */
export async function startInfrastructure(folder: string, env: NodeJS.ProcessEnv): Promise<Infrastructure> {
  const started: [string, Part][] = [];
  const stop = async () => {
    removeRunningInfra(folder);
    await Promise.all(started.map(([, part]) => part.stop()));
  };
  const keep = async <T extends Part>(name: string, starting: Promise<T>): Promise<T> => {
    const part = await starting;
    started.push([name, part]);
    return part;
  };
  const usual = readUsualPorts(folder);
  // First all that can be refused, so that nothing has to be stopped again.
  const startKafka = given('KAFKA_BROKERS', env) ?? (await prepareKafka(folder, env, usual.kafka));
  const startPostgres = given('DATABASE_URL', env) ?? (await preparePostgres(folder, env, usual.postgres));
  const both = await Promise.allSettled([
    typeof startKafka === 'string' ? startKafka : keep('Kafka', startKafka()),
    typeof startPostgres === 'string' ? startPostgres : keep('PostgreSQL', startPostgres()),
  ]);
  const failure = both.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }
  const [kafka, postgres] = both.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : null));
  return describe(folder, kafka as Kafka, postgres as Postgres, started, stop);
}

type Kafka = string | LocalServer;
type Postgres = string | LocalPostgres;

function describe(
  folder: string,
  kafka: Kafka,
  postgres: Postgres,
  started: readonly [string, Part][],
  stop: () => Promise<void>,
): Infrastructure {
  rememberPorts(folder, kafka, postgres);
  let note: RunningInfra = {
    pid: process.pid,
    kafkaBrokers: typeof kafka === 'string' ? kafka : `127.0.0.1:${kafka.port}`,
    databaseUrl: typeof postgres === 'string' ? postgres : postgres.url,
  };
  writeRunningInfra(folder, note);
  const ends = started.map(([name, part]) => part.ended.then((how) => `${name} ended by itself (${how}).`));
  return {
    kafkaBrokers: note.kafkaBrokers,
    databaseUrl: note.databaseUrl,
    failed: ends.length === 0 ? new Promise<string>(() => undefined) : Promise.race(ends),
    note(more) {
      note = { ...note, ...more };
      writeRunningInfra(folder, note);
    },
    stop,
  };
}

function given(name: 'KAFKA_BROKERS' | 'DATABASE_URL', env: NodeJS.ProcessEnv): string | null {
  const value = env[name];
  if (!value) return null;
  tell(`${name} is set: using that server instead of starting one.`);
  return value;
}

function readUsualPorts(folder: string): UsualPorts {
  try {
    return JSON.parse(readFileSync(join(folder, 'ports.json'), 'utf8')) as UsualPorts;
  } catch {
    return {};
  }
}

function rememberPorts(folder: string, kafka: Kafka, postgres: Postgres): void {
  const ports = {
    ...readUsualPorts(folder),
    ...(typeof kafka === 'string' ? {} : { kafka: kafka.port }),
    ...(typeof postgres === 'string' ? {} : { postgres: postgres.port }),
  };
  writePrivately(join(folder, 'ports.json'), JSON.stringify(ports));
}
