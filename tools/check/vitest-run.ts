import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { identityOf } from '../local/processes/process-identity.ts';
import { stopProcess } from '../local/processes/stop-process.ts';
import { ROOT } from '../local/services.ts';
import { tell } from '../local/stop-with-message.ts';
import { filesToRunAgain, tally, tallyAgain, withFailure, type Tally, type VitestReport } from './vitest-report.ts';

export type Level = 'unit' | 'integration' | 'e2e' | 'slow';

/** Levels with real servers and clocks. A unit test has neither: it passes the first time or is wrong. */
const RUN_AGAIN: ReadonlySet<Level> = new Set(['integration', 'e2e']);

/** Set for everything that a test run starts, so that what is left of it can be found. */
const RUN_MARK = 'RELAY_TEST_RUN';

/**
 * One level of tests through vitest; its own output goes straight to the terminal. Where a few files failed, they are run
 * once more with nothing beside them: what then passes was unsteady (a machine that stood still, a race of the test's own),
 * and the run says so at its end instead of failing.
 */
export async function runLevel(level: Level, filters: readonly string[], env: NodeJS.ProcessEnv): Promise<Tally> {
  const mark = randomBytes(8).toString('hex');
  const marked = { ...env, [RUN_MARK]: mark };
  const first = await runVitest(level, filters, marked);
  const failed = RUN_AGAIN.has(level) && process.env['TEST_ONCE'] !== '1' ? filesToRunAgain(first.report) : [];
  const counted =
    first.report === null || failed.length === 0
      ? tally(first.report, first.exitCode)
      : await runAgain(level, first.report, failed, marked);
  const left = await stopWhatIsLeft(mark);
  if (left.length === 0) return counted;
  return withFailure(counted, { what: `The ${level} tests left processes behind`, why: left.join('\n') });
}

async function runAgain(level: Level, first: VitestReport, failed: readonly string[], env: NodeJS.ProcessEnv) {
  tell(`Once more, alone: ${failed.map((file) => relative(ROOT, file)).join(', ')}`);
  const again = await runVitest(level, failed, env, ['--no-file-parallelism']);
  return tallyAgain(first, again.report, again.exitCode);
}

interface VitestEnd {
  readonly report: VitestReport | null;
  readonly exitCode: number | null;
}

async function runVitest(
  level: Level,
  filters: readonly string[],
  env: NodeJS.ProcessEnv,
  more: readonly string[] = [],
): Promise<VitestEnd> {
  const reportPath = join(ROOT, 'test', '.artifacts', `report-${level}.json`);
  mkdirSync(dirname(reportPath), { recursive: true });
  rmSync(reportPath, { force: true });
  const child = spawn(process.execPath, [...vitestCommand(level, filters, reportPath), ...more], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  const exitCode = await endOf(child);
  process.off('exit', end);
  return { report: readReport(reportPath), exitCode };
}

function vitestCommand(level: Level, filters: readonly string[], reportPath: string): string[] {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  return [
    vitest,
    'run',
    '--project',
    level,
    ...reporters,
    ...(filters.length > 0 ? ['--passWithNoTests'] : []),
    ...filters,
  ];
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code));
  });
}

function readReport(path: string): VitestReport | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  } catch {
    return null;
  }
}

/** Looks through /proc for processes that carry the run's mark; a short time is given to those that are just ending. */
async function stopWhatIsLeft(mark: string): Promise<string[]> {
  const end = Date.now() + 3_000;
  let left = marked(mark);
  while (left.length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = marked(mark);
  }
  const described = left.map((pid) => `${pid} ${commandOf(pid)}`);
  await Promise.all(left.map((pid) => stopProcess(identityOf(pid), { signal: 'SIGTERM', patienceMs: 2_000 })));
  return described;
}

function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readIfThere(`/proc/${pid}/environ`).includes(`${RUN_MARK}=${mark}`))
    .map(Number);
}

function commandOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 200);
}

/** Empty for a process that has gone, or is somebody else's. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
