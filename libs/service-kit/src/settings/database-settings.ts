import { setting } from './kinds.js';
import { bad, defineSettings, good, settingOf } from './setting.js';

function hideSignIn(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.protocol}//${parsed.host}${parsed.pathname}` : 'set';
}

/** For services with a database. Each uses a schema named after itself. */
export const databaseSettings = defineSettings({
  databaseUrl: settingOf<string>(
    'URL',
    {
      env: 'DATABASE_URL',
      about: 'Postgres, as postgres://user:password@host:port/database',
      secret: true,
      example: 'postgres://relay:secret@127.0.0.1:5432/relay',
      show: hideSignIn,
    },
    (text) => {
      const url = URL.parse(text);
      return url && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== ''
        ? good(text)
        : bad('must look like postgres://user:password@host:port/database');
    },
  ),
  databasePoolSize: setting.integer({
    env: 'DATABASE_POOL_SIZE',
    about: 'Most connections to Postgres that this process opens',
    min: 2,
    max: 1000,
    default: 10,
  }),
});
