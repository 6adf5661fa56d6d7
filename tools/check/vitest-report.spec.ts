import { describe, expect, it } from 'vitest';
import {
  NOTHING,
  add,
  exitCodeOf,
  filesToRunAgain,
  summaryLine,
  tally,
  tallyAgain,
  type VitestReport,
} from './vitest-report.ts';

function file(name: string, status: string, tests: string[]): VitestReport['testResults'][number] {
  return { name, status, startTime: 1_000, endTime: 3_500, assertionResults: tests.map((each) => ({ status: each })) };
}

describe('the count of a test run', () => {
  it('adds up tests over files and parts', () => {
    const unit = tally({ testResults: [file('a', 'passed', ['passed', 'passed'])] }, 0);
    const integration = tally({ testResults: [file('b', 'failed', ['passed', 'failed', 'skipped'])] }, 1);
    const all = add(unit, integration);
    expect(summaryLine(all)).toBe('3 passed, 1 failed');
    expect(all.skipped).toBe(1);
    expect(all.files).toEqual([
      { file: 'a', seconds: 2.5, tests: 2 },
      { file: 'b', seconds: 2.5, tests: 3 },
    ]);
    expect(exitCodeOf(all)).toBe(1);
  });

  it.each([
    ['a file that could not be loaded', { testResults: [file('a', 'failed', [])] }, 1],
    ['a hook that threw after all tests passed', { testResults: [file('a', 'failed', ['passed'])] }, 1],
    ['an unhandled error beside passing tests', { testResults: [file('a', 'passed', ['passed'])] }, 1],
    ['a run that was killed', { testResults: [file('a', 'passed', ['passed'])] }, null],
    ['a run without a report', null, 1],
  ])('takes %s for a failure', (_what, report, exitCode) => {
    const counted = tally(report, exitCode);
    expect(counted.failed).toBe(1);
    expect(exitCodeOf(counted)).toBe(1);
  });

  it('names each failure with what its error says, without the stack', () => {
    const report = {
      testResults: [
        {
          ...file('a.spec.ts', 'failed', []),
          assertionResults: [
            {
              status: 'failed',
              fullName: 'a shop opens',
              failureMessages: ['Error: closed\n  on Monday\n    at x.ts:1'],
            },
            { status: 'passed', fullName: 'a shop closes', failureMessages: [] },
          ],
        },
        { ...file('b.spec.ts', 'failed', ['passed']), message: 'hook timed out' },
      ],
    };
    expect(tally(report, 1).failures).toEqual([
      { what: 'a.spec.ts › a shop opens', why: 'Error: closed\n  on Monday' },
      { what: 'b.spec.ts', why: 'hook timed out' },
    ]);
  });

  it('fails when nothing was tested', () => {
    expect(exitCodeOf(NOTHING)).toBe(1);
    expect(exitCodeOf(tally({ testResults: [] }, 0))).toBe(1);
  });

  it('passes when all passed', () => {
    expect(exitCodeOf(tally({ testResults: [file('a', 'passed', ['passed'])] }, 0))).toBe(0);
  });
});

describe('files that failed and were run once more', () => {
  const first = { testResults: [file('a', 'passed', ['passed']), file('b', 'failed', ['passed', 'failed'])] };

  it('are those that failed, where they are few', () => {
    expect(filesToRunAgain(first)).toEqual(['b']);
    expect(filesToRunAgain({ testResults: [file('c', 'failed', [])] })).toEqual(['c']);
    const many = ['1', '2', '3', '4', '5'].map((name) => file(name, 'failed', ['failed']));
    expect(filesToRunAgain({ testResults: many })).toEqual([]);
    expect(filesToRunAgain(null)).toEqual([]);
  });

  it('count as they end the second time, and are named as unsteady where they pass', () => {
    const counted = tallyAgain(first, { testResults: [file('b', 'passed', ['passed', 'passed'])] }, 0);
    expect(summaryLine(counted)).toBe('3 passed, 0 failed');
    expect(counted.unsteady).toEqual([{ what: 'b › a test', why: '' }]);
    expect(exitCodeOf(counted)).toBe(0);
  });

  it('fail the run when they fail again, also when the second run leaves no report', () => {
    const counted = tallyAgain(first, { testResults: [file('b', 'failed', ['passed', 'failed'])] }, 1);
    expect(summaryLine(counted)).toBe('2 passed, 1 failed');
    expect(counted.unsteady).toEqual([]);
    expect(exitCodeOf(tallyAgain(first, null, 1))).toBe(1);
  });
});
