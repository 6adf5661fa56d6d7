import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { commandLine, isRunning, type ProcessIdentity } from './process-identity.ts';
import { stopProcess } from './stop-process.ts';

export function recordProcess(file: string, identity: ProcessIdentity): void {
  writeFileSync(file, JSON.stringify(identity));
}

export function forgetProcess(file: string): void {
  rmSync(file, { force: true });
}

/**
 * Stops what an earlier run left behind, if it still runs: same process id, same start time and a command line that names
 * this data folder. Anything else with that process id is left alone.
 */
export async function stopLeftOver(file: string, folder: string, signal: NodeJS.Signals): Promise<boolean> {
  const identity = readRecord(file);
  if (identity === null || !isRunning(identity)) return false;
  if (!commandLine(identity.pid).some((argument) => argument.includes(folder))) return false;
  await stopProcess(identity, { signal, patienceMs: 8_000 });
  forgetProcess(file);
  return true;
}

function readRecord(file: string): ProcessIdentity | null {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessIdentity>;
    return typeof record.pid === 'number' && typeof record.started === 'string' && record.started !== ''
      ? { pid: record.pid, started: record.started }
      : null;
  } catch {
    return null;
  }
}
