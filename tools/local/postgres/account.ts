import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StopWithMessage } from '../stop-with-message.ts';

/** How the server's programs are run: PostgreSQL refuses to run as root. */
export interface PostgresAccount {
  /** Put before each command. */
  readonly prefix: readonly string[];
  readonly ids: { readonly uid: number; readonly gid: number } | null;
}

const USER = 'postgres';

/**
 * Not root: as we are. Root: as the user `postgres`, made when missing. When that user cannot enter a folder that is needed
 * (a clone below a 0700 folder, as /root or `mktemp -d` make), the right to pass folders is lent to the server's process with
 * setpriv; where that is not possible, a message names the folder.
 */
export function postgresAccount(needed: readonly string[]): PostgresAccount {
  if (process.getuid?.() !== 0) return { prefix: [], ids: null };
  const ids = findUser() ?? makeUser();
  const closed = needed.map((path) => firstClosedFolder(path, ids)).find((folder) => folder !== null);
  if (closed === undefined) return { prefix: [], ids };
  const prefix = lendFolderRight(ids);
  if (runs([...prefix, 'test', '-x', needed[0] ?? '/'])) return { prefix, ids };
  throw new StopWithMessage(
    'folder-closed',
    `PostgreSQL runs as the user ${USER} (it refuses to run as root), and that user cannot enter the folder ${closed}.\n` +
      `Open it (chmod o+x ${closed}), or use a clone and a RELAY_DATA_DIR below folders that everybody may enter,\n` +
      'or do not run as root, or set DATABASE_URL to a PostgreSQL that runs elsewhere.',
  );
}

/** The first folder on the way to a path that the user may not pass, from the top; null when the way is open. */
export function firstClosedFolder(path: string, ids: { uid: number; gid: number }, stat = statOf): string | null {
  const parents: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    parents.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return parents.find((folder) => !mayPass(stat(folder), ids)) ?? null;
}

interface FolderRights {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function mayPass(rights: FolderRights | null, ids: { uid: number; gid: number }): boolean {
  if (rights === null) return true;
  if (rights.uid === ids.uid) return (rights.mode & 0o100) !== 0;
  if (rights.gid === ids.gid) return (rights.mode & 0o010) !== 0;
  return (rights.mode & 0o001) !== 0;
}

function statOf(folder: string): FolderRights | null {
  return statSync(folder, { throwIfNoEntry: false }) ?? null;
}

/**
 * Runs a command as that user with one capability: passing (and reading) folders whatever their mode. `no_setuid_fixup`
 * makes access(2) honour it too, which initdb relies on.
 */
function lendFolderRight(ids: { uid: number; gid: number }): string[] {
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const user = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'];
  return ['setpriv', ...user, ...capability, '--'];
}

function findUser(): { uid: number; gid: number } | null {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, USER], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

function makeUser(): { uid: number; gid: number } {
  const made = runs(['useradd', '--system', '--user-group', '--no-create-home', USER]);
  const ids = made ? findUser() : null;
  if (ids !== null) return ids;
  throw new StopWithMessage(
    'no-postgres-user',
    `PostgreSQL refuses to run as root, and a user ${USER} could not be made (useradd failed).\n` +
      'Make that user, or do not run as root, or set DATABASE_URL to a PostgreSQL that runs elsewhere.',
  );
}

function runs(command: readonly string[]): boolean {
  const [program = '', ...args] = command;
  try {
    execFileSync(program, args, { stdio: 'pipe', cwd: '/' });
    return true;
  } catch {
    return false;
  }
}
