/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface FileTime {
  readonly file: string;
  readonly seconds: number;
  readonly tests: number;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly files: readonly FileTime[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, files: [] };

/**
 * Counts a run. A file that failed without a failed test (it could not be loaded, a hook threw) counts as one failure, and
 * so does a run that ended badly although every test passed (an unhandled error, a crash, no report at all).
 */
export function tally(report: VitestReport | null, exitCode: number | null): Tally {
  const results = report?.testResults ?? [];
  const statuses = results.flatMap((result) => result.assertionResults.map((test) => test.status));
  const brokenFiles = results.filter(
    (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  );
  const counted = statuses.filter((status) => status === 'failed').length + brokenFiles.length;
  return {
    passed: statuses.filter((status) => status === 'passed').length,
    failed: counted === 0 && exitCode !== 0 ? 1 : counted,
    skipped: statuses.filter((status) => status !== 'passed' && status !== 'failed').length,
    files: results.map((result) => ({
      file: result.name,
      seconds: Math.max(0, result.endTime - result.startTime) / 1000,
      tests: result.assertionResults.length,
    })),
  };
}

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    files: [...a.files, ...b.files],
  };
}

/** The last line of a test run. */
export function summaryLine({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

/** A run that tested nothing proves nothing. */
export function exitCodeOf({ passed, failed }: Tally): number {
  return failed > 0 || passed === 0 ? 1 : 0;
}
