import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder, readRunningInfra } from './data-folder.ts';
import { parseKeyring } from './keyring.ts';
import { StopWithMessage } from './stop-with-message.ts';

/**
 * What `events`, `migrate`, `hookup-url` and `vendor:check` work on: the environment, else what `npm start` or `npm run infra` wrote into the
 * data folder.
 */
export interface Surroundings {
  readonly kafkaBrokers: string | null;
  readonly databaseUrl: string | null;
  readonly topicPrefix: string;
  readonly publicUrl: string | null;
  readonly hookupSecret: string | null;
  readonly provetAllowedHosts: string | null;
  readonly provetAllowHttp: string | null;
  readonly provetTokenPrivateJwks: string | null;
  readonly exactTokenPrivateJwks: string | null;
}

export function readSurroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const folder = dataFolder(env);
  const running = readRunningInfra(folder);
  return {
    kafkaBrokers: valueOf(env, 'KAFKA_BROKERS') ?? running?.kafkaBrokers ?? null,
    databaseUrl: valueOf(env, 'DATABASE_URL') ?? running?.databaseUrl ?? null,
    topicPrefix: valueOf(env, 'TOPIC_PREFIX') ?? running?.topicPrefix ?? 'relay.',
    publicUrl: valueOf(env, 'PUBLIC_URL') ?? running?.publicUrl ?? null,
    hookupSecret: secretOf('HOOKUP_SECRET', env),
    provetAllowedHosts: valueOf(env, 'PROVET_ALLOWED_HOSTS') ?? running?.provetAllowedHosts ?? null,
    provetAllowHttp: valueOf(env, 'PROVET_ALLOW_HTTP') ?? running?.provetAllowHttp ?? null,
    provetTokenPrivateJwks: secretOf('PROVET_TOKEN_PRIVATE_JWKS', env),
    exactTokenPrivateJwks: secretOf('EXACT_TOKEN_PRIVATE_JWKS', env),
  };
}

/** A secret from the environment, else from the data folder's own. */
export function secretOf(name: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const keysFile = join(dataFolder(env), 'keys.env');
  const keys = existsSync(keysFile) ? parseKeyring(readFileSync(keysFile, 'utf8')) : {};
  return valueOf(env, name) ?? keys[name] ?? null;
}

/** Every variable can be given as NAME_FILE too. */
export function valueOf(env: NodeJS.ProcessEnv, name: string): string | null {
  const file = env[`${name}_FILE`];
  if (file) return readFileSync(file, 'utf8').trim();
  return env[name] || null;
}

/** A value that the command cannot do without. */
export function need(value: string | null, name: string): string {
  if (value !== null) return value;
  throw new StopWithMessage(
    'not-running',
    `${name} is not set, and no \`npm start\` or \`npm run infra\` is running on ${dataFolder()}.\n` +
      `Start one of them, or set ${name} (and RELAY_DATA_DIR if the data lie elsewhere).`,
  );
}
