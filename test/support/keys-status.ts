import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');

/** One line of `npm run keys -- status --json`. */
export interface KeyLine {
  readonly set: string;
  readonly kid: string;
  readonly place: 'first' | 'older' | 'not given';
  readonly verdict: 'in use' | 'needed' | 'may be removed' | 'missing';
  readonly neededBy: readonly { readonly by: string; readonly count: number }[];
}

/** Runs the command as an operator does. Fails unless it ends with 0. */
export async function keysStatus(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<{ text: string; problems: string }> {
  const { PATH, HOME } = process.env;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'tools', 'run.mjs'), 'local/keys', 'status', ...args],
    { cwd: ROOT, env: { PATH, HOME, ...env } },
  );
  return { text: stdout, problems: stderr };
}

export async function keyLines(env: Readonly<Record<string, string>>): Promise<KeyLine[]> {
  return (JSON.parse((await keysStatus(env, ['--json'])).text) as { keys: KeyLine[] }).keys;
}
