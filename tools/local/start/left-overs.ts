import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivately } from '../data-folder.ts';
import { commandLine, isRunning, type ProcessIdentity } from '../processes/process-identity.ts';
import { stopProcess } from '../processes/stop-process.ts';
import { tell } from '../stop-with-message.ts';

function fileOf(folder: string): string {
  return join(folder, 'parts.json');
}

/** Notes the parts that run, so that the next start can recognise them if this one is killed. */
export function recordParts(folder: string, parts: readonly ProcessIdentity[]): void {
  writePrivately(fileOf(folder), JSON.stringify(parts));
}

export function forgetParts(folder: string): void {
  rmSync(fileOf(folder), { force: true });
}

/**
 * Parts of a start that was killed notice it themselves and drain; this waits for them, and helps with a signal, so that
 * their ports are free. Only processes that are exactly the noted ones are touched.
 */
export async function stopLeftOverParts(folder: string): Promise<void> {
  const left = readParts(folder).filter(
    (part) =>
      isRunning(part) && commandLine(part.pid).some((argument) => /^local\/(service|simulator)$/.test(argument)),
  );
  if (left.length > 0) {
    tell(`Stopping ${left.length} processes that an earlier start has left behind …`);
    await Promise.all(left.map((part) => stopProcess(part, { signal: 'SIGTERM', patienceMs: 10_000 })));
  }
  forgetParts(folder);
}

function readParts(folder: string): ProcessIdentity[] {
  try {
    return JSON.parse(readFileSync(fileOf(folder), 'utf8')) as ProcessIdentity[];
  } catch {
    return [];
  }
}
