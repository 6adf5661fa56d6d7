import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { rounded } from './statistics.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly commit: string;
  readonly dirty: boolean;
}

/** What a figure was measured on, and of which state of the code. */
export function describeMachine(): Machine {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: rounded(totalmem() / 2 ** 30),
    node: process.versions.node,
    commit: git('rev-parse', '--short', 'HEAD'),
    dirty: git('status', '--porcelain', '--', 'apps', 'libs', 'tools', 'package.json') !== '',
  };
}
