import { readFileSync } from 'node:fs';

/** Linux's letter for what a process does: `T` is stopped by a signal. */
export function processState(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}
