import { setting } from './kinds.js';
import { bad, defineSettings, good, settingOf, type Parsed } from './setting.js';

function hideSignIn(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.protocol}//${parsed.host}${parsed.pathname}` : 'set';
}

function readDatabaseUrl(text: string): Parsed<string> {
  const url = URL.parse(text);
  return url && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== ''
    ? good(text)
    : bad('must look like postgres://user:password@host:port/database');
}

const DATABASE_URL = {
  env: 'DATABASE_URL',
  about: 'Postgres, as postgres://user:password@host:port/database',
  secret: true,
  example: 'postgres://relay:secret@127.0.0.1:5432/relay',
};

/** For services with a database. Each uses a schema named after itself. */
export const databaseSettings = defineSettings({
  databaseUrl: settingOf<string>('URL', { ...DATABASE_URL, show: hideSignIn }, readDatabaseUrl),
  databasePoolSize: setting.integer({
    env: 'DATABASE_POOL_SIZE',
    about: 'Most connections to Postgres that this process opens',
    min: 2,
    max: 1000,
    default: 10,
  }),
});

/** For a service that does more with a database and its job without one: null = none was given. */
export const optionalDatabaseSettings = defineSettings({
  ...databaseSettings,
  databaseUrl: settingOf<string | null>(
    'URL',
    {
      ...DATABASE_URL,
      about: `${DATABASE_URL.about}; the gateway does its job without one`,
      default: null,
      defaultText: '',
      show: (url) => (url === null ? 'none' : hideSignIn(url)),
    },
    readDatabaseUrl,
  ),
});
