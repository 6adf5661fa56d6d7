import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

/**
 * Asks a process to stop and waits until it is gone; after `patienceMs` it is killed. Safe to call for a process that has
 * ended: the identity keeps a stranger with the same process id from being hit.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  options: { signal: NodeJS.Signals; patienceMs: number },
): Promise<'stopped' | 'killed'> {
  signalIfRunning(identity, options.signal);
  // A process that was frozen takes the signal only once it runs again.
  signalIfRunning(identity, 'SIGCONT');
  if (await goneWithin(identity, options.patienceMs)) return 'stopped';
  signalIfRunning(identity, 'SIGKILL');
  await goneWithin(identity, 5_000);
  return 'killed';
}

export function signalIfRunning(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function goneWithin(identity: ProcessIdentity, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  while (isRunning(identity)) {
    if (Date.now() > end) return false;
    await delay(50);
  }
  return true;
}
