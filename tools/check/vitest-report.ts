/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName?: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

export interface FileTime {
  readonly file: string;
  readonly seconds: number;
  readonly tests: number;
}

export interface Failure {
  readonly what: string;
  /** The head of the error, without its stack. */
  readonly why: string;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly files: readonly FileTime[];
  /** As many as `failed`. */
  readonly failures: readonly Failure[];
  /** What failed at first and passed when its file was run once more, alone. */
  readonly unsteady: readonly Failure[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, files: [], failures: [], unsteady: [] };

const LONGEST_REASON = 400;

/**
 * Counts a run. A file that failed without a failed test (it could not be loaded, a hook threw) counts as one failure, and
 * so does a run that ended badly although every test passed (an unhandled error, a crash, no report at all).
 */
export function tally(report: VitestReport | null, exitCode: number | null): Tally {
  const results = report?.testResults ?? [];
  const statuses = results.flatMap((result) => result.assertionResults.map((test) => test.status));
  const failures = results.flatMap(failuresOf);
  if (failures.length === 0 && exitCode !== 0) {
    failures.push({ what: 'the run', why: report ? 'ended badly although no test failed' : 'left no report' });
  }
  return {
    passed: statuses.filter((status) => status === 'passed').length,
    failed: failures.length,
    skipped: statuses.filter((status) => status !== 'passed' && status !== 'failed').length,
    files: results.map((result) => ({
      file: result.name,
      seconds: Math.max(0, result.endTime - result.startTime) / 1000,
      tests: result.assertionResults.length,
    })),
    failures,
    unsteady: [],
  };
}

/** More files than this fail for a reason that a second look does not take away. */
const WORTH_ANOTHER_LOOK = 4;

/** Files that failed, where they are few. */
export function filesToRunAgain(report: VitestReport | null): string[] {
  const failed = (report?.testResults ?? []).filter((result) => failuresOf(result).length > 0);
  return failed.length <= WORTH_ANOTHER_LOOK ? failed.map((result) => result.name) : [];
}

/** The count of a run, the failed files of which were run once more: the second run decides, the first is told of. */
export function tallyAgain(first: VitestReport, again: VitestReport | null, exitCode: number | null): Tally {
  const files = new Set(filesToRunAgain(first));
  const steady = first.testResults.filter((result) => !files.has(result.name));
  const second = tally(again, exitCode);
  const unsteady = first.testResults
    .filter((result) => files.has(result.name))
    .flatMap(failuresOf)
    .filter(({ what }) => !second.failures.some((failure) => failure.what === what));
  return { ...add(tally({ testResults: steady }, 0), second), unsteady: second.failed === 0 ? unsteady : [] };
}

function failuresOf(result: VitestReport['testResults'][number]): Failure[] {
  const failed = result.assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0) {
    return result.status === 'failed' ? [{ what: result.name, why: headOf(result.message) }] : [];
  }
  return failed.map((test) => ({
    what: `${result.name} › ${test.fullName ?? 'a test'}`,
    why: headOf(test.failureMessages?.join('\n')),
  }));
}

/** What an error says, up to the first line of its stack. */
function headOf(message = ''): string {
  return message
    .split(/\n\s+at /, 1)[0]!
    .trim()
    .slice(0, LONGEST_REASON);
}

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    files: [...a.files, ...b.files],
    failures: [...a.failures, ...b.failures],
    unsteady: [...a.unsteady, ...b.unsteady],
  };
}

/** A failure that no test tells of. */
export function withFailure(all: Tally, failure: Failure): Tally {
  return { ...all, failed: all.failed + 1, failures: [...all.failures, failure] };
}

/** The last line of a test run. */
export function summaryLine({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

/** A run that tested nothing proves nothing. */
export function exitCodeOf({ passed, failed }: Tally): number {
  return failed > 0 || passed === 0 ? 1 : 0;
}
