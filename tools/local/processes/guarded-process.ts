import { spawn, type ChildProcess } from 'node:child_process';
import { identityOf, type ProcessIdentity } from './process-identity.ts';
import { stopProcess } from './stop-process.ts';

export interface GuardedCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** File descriptor that takes the output. */
  readonly output: number;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  readonly account?: { readonly uid: number; readonly gid: number };
}

export interface GuardedProcess {
  readonly identity: ProcessIdentity;
  /** Resolves when it has ended, with its exit code or signal. */
  readonly ended: Promise<string>;
  readonly hasEnded: boolean;
  stop(patienceMs: number): Promise<void>;
}

/*
 * The shell starts a watcher and then becomes the command, so the process id stays the same. The watcher reads a pipe whose
 * other end only the starter holds: when the starter is gone, however it ended, the watcher stops the command (checking the
 * start time, since the id may belong to somebody else by then). The double brackets hand the watcher to init, so that the
 * command never sees a child it did not start.
 */
const GUARD = `
stop=$1; shift
born() { s=$(cat /proc/$$/stat 2>/dev/null) || return 1; set -- \${s##*) }; echo "\${20}"; }
mine=$(born)
alive() { [ "$(born)" = "$mine" ]; }
exec 3<&0
( ( cat <&3 >/dev/null
    alive && kill -s "$stop" $$ && kill -s CONT $$
    n=0; while alive && [ $n -lt 40 ]; do sleep 0.2; n=$((n+1)); done
    alive && kill -s KILL $$ ) & ) >/dev/null 2>&1
exec 3<&-
exec "$@" </dev/null
`;

/**
 * Starts a server that must not outlive this process, not even when this process is killed with -9. It runs in a session of
 * its own, so that Ctrl-C in a terminal reaches us first and the servers stop last.
 */
export function startGuarded(what: GuardedCommand): GuardedProcess {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', what.stopSignal.slice(3), ...what.command], {
    cwd: what.cwd,
    env: what.env,
    detached: true,
    stdio: ['pipe', what.output, what.output],
    ...what.account,
  });
  const state = { ended: false };
  const ended = endOf(child).then((how) => {
    state.ended = true;
    child.stdin?.destroy();
    return how;
  });
  // Writing is never meant; an error event without a listener would end this process.
  child.stdin?.on('error', () => undefined);
  const identity = child.pid === undefined ? { pid: -1, started: 'never' } : identityOf(child.pid);
  return {
    identity,
    ended,
    get hasEnded() {
      return state.ended;
    },
    async stop(patienceMs) {
      if (state.ended) return;
      await stopProcess(identity, { signal: what.stopSignal, patienceMs });
      await ended;
    },
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}
