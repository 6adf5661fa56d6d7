import { readFileSync } from 'node:fs';

/** A process that can be recognised later: process ids are used again, a start time beside one is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since the machine's boot; empty where /proc does not exist. */
  readonly started: string;
}

interface ProcStat {
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  readonly started: string;
}

/** Reads /proc/<pid>/stat (proc_pid_stat(5)); null when there is no such process. The name may hold spaces and brackets. */
function readStat(pid: number): ProcStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const nameEnd = text.lastIndexOf(')');
    const fields = text.slice(nameEnd + 2).split(' ');
    return {
      name: text.slice(text.indexOf('(') + 1, nameEnd),
      state: fields[0] ?? '',
      parent: Number(fields[1]),
      started: fields[19] ?? '',
    };
  } catch {
    return null;
  }
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: readStat(pid)?.started ?? '' };
}

export function processName(pid: number): string {
  return readStat(pid)?.name ?? '';
}

export function parentOf(pid: number): number {
  return readStat(pid)?.parent ?? 0;
}

/** True while this very process runs. One that has ended but was not collected by its parent counts as gone. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.started === '') return answersSignalZero(identity.pid);
  const stat = readStat(identity.pid);
  return stat !== null && stat.started === identity.started && stat.state !== 'Z' && stat.state !== 'X';
}

/** The arguments a process was started with, for telling ours from a stranger's. */
export function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

function answersSignalZero(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
