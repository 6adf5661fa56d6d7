import { identityOf, isRunning, parentOf, processName, type ProcessIdentity } from './process-identity.ts';

const SHELLS = new Set(['sh', 'dash', 'bash', 'ash', 'zsh']);

/** Whoever started us and should still be there: the parent, and behind a shell that npm put in between, npm itself. */
function starters(): ProcessIdentity[] {
  const parent = process.ppid;
  const found = [identityOf(parent)];
  if (SHELLS.has(processName(parent))) found.push(identityOf(parentOf(parent)));
  return found;
}

/**
 * npm leaves on SIGTERM without passing it on, and nobody passes on a kill -9. So a process that was started by npm, or by
 * `npm start` itself (RELAY_WATCH_PARENT), looks whether its starter is still there and reports once when it is not.
 * Started in any other way, for example in a container, it does nothing. Returns a look at this very moment: true when a
 * starter is gone.
 */
export function watchParent(onGone: () => void, env: NodeJS.ProcessEnv = process.env): () => boolean {
  if (env['npm_lifecycle_event'] === undefined && env['RELAY_WATCH_PARENT'] === undefined) return () => false;
  const watched = starters();
  const timer = setInterval(() => {
    if (watched.every(isRunning)) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
  return () => !watched.every(isRunning);
}
