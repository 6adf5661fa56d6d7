import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, openLog } from '../log-file.ts';
import { identityOf, type ProcessIdentity } from '../processes/process-identity.ts';
import { stopProcess } from '../processes/stop-process.ts';
import { ROOT } from '../services.ts';
import { showTroubles, type Least } from './show-troubles.ts';

export interface Child {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly logPath: string;
  /** How it ended. */
  readonly ended: Promise<string>;
  readonly hasEnded: boolean;
  stop(patienceMs: number): Promise<void>;
}

export interface ChildOptions {
  readonly logFolder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Options of Node itself. */
  readonly v8Options?: readonly string[];
  /** What of its log goes to the terminal as well. */
  readonly least: () => Least;
}

/**
 * One part of `npm start` as a process of its own: output into its log, troubles to the terminal as well. It has a session of
 * its own, so that Ctrl-C reaches only `npm start`, which stops all parts in order.
 */
export function startChild(name: string, command: readonly string[], options: ChildOptions): Child {
  const { logFolder, env, least, v8Options = [] } = options;
  const logPath = join(logFolder, `${name}.log`);
  const output = openLog(logPath);
  const process_ = spawn(process.execPath, [...v8Options, join(ROOT, 'tools', 'run.mjs'), ...command], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const troubles = showTroubles(name, logPath, least);
  const state = { ended: false };
  const ended = new Promise<string>((resolve) => {
    process_.once('error', (error) => resolve(error.message));
    process_.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).then((how) => {
    state.ended = true;
    troubles.stop();
    return how;
  });
  const identity = identityOf(process_.pid ?? -1);
  return {
    name,
    identity,
    logPath,
    ended,
    get hasEnded() {
      return state.ended;
    },
    async stop(patienceMs) {
      if (state.ended) return;
      await stopProcess(identity, { signal: 'SIGTERM', patienceMs });
      await ended;
    },
  };
}

/** For a message about a part that is not well. */
export function endOfLog(child: Child): string {
  return `The end of its log (${child.logPath}):\n${lastLines(child.logPath)}`;
}
