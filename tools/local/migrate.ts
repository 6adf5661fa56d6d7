import { need, readSurroundings } from './surroundings.ts';
import { builtFile } from './services.ts';
import { runCommand, tell } from './stop-with-message.ts';

const WITH_DATABASE = ['gateway', 'tenant-registry', 'token-broker', 'provet-sync', 'exact-sync'] as const;

/** `npm run migrate`: all migrations alone, each service's in its own schema. */
await runCommand(async () => {
  const url = need(readSurroundings().databaseUrl, 'DATABASE_URL');
  const lists = await Promise.all(
    WITH_DATABASE.map(async (service) => ({ service, ...(await import(builtFile(service, 'migrations.js'))) })),
  );
  const { runMigrations } = await import('#database');
  for (const { service, migrations } of lists) {
    await runMigrations({ service, url, migrations });
    tell(`${service}: ${migrations.length} migrations are in place`);
  }
  return 0;
});
