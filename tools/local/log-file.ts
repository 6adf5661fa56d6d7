import { existsSync, openSync, readFileSync, renameSync } from 'node:fs';

/** Opens a log for one run; the one of the run before stays beside it as `.1`. */
export function openLog(path: string): number {
  if (existsSync(path)) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The end of a log, indented, for a message about what went wrong. */
export function lastLines(path: string, count = 12): string {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count);
    return lines.map((line) => `  ${line}`).join('\n');
  } catch {
    return '';
  }
}
