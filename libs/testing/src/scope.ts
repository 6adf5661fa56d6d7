import { afterAll, type TaskState } from 'vitest';

/** How long something made for a test lives: until its end. A vitest test context is one; `fileScope()` makes one a file. */
export interface TestScope {
  onTestFinished(cleanUp: () => Promise<void> | void): void;
  /** Where the test stands, so that data of a failed one can be kept. */
  readonly task?: { readonly name: string; readonly result?: { readonly state: TaskState } | undefined };
}

/** True when the test has failed: its data are worth looking at. */
export function hasFailed(scope: TestScope): boolean {
  return scope.task?.result?.state === 'fail';
}

/**
 * A scope for what all tests of a file share. Call it at the top of the file or inside a `describe`, then pass it to the
 * factories in `beforeAll`. What was made last is cleaned up first.
 */
export function fileScope(): TestScope {
  const cleanUps: (() => Promise<void> | void)[] = [];
  const scope = {
    task: { name: 'file', result: { state: 'run' as TaskState } },
    onTestFinished: (cleanUp: () => Promise<void> | void) => void cleanUps.push(cleanUp),
  };
  // vitest reads the names of fixtures from the first parameter, so it has to be a pattern, here an empty one.
  // oxlint-disable-next-line no-empty-pattern
  afterAll(async ({}, suite) => {
    if (anyFailed(suite.tasks)) scope.task.result.state = 'fail';
    const problems: unknown[] = [];
    for (const cleanUp of cleanUps.reverse()) {
      try {
        await cleanUp();
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw new AggregateError(problems, 'cleaning up after the file failed');
  });
  return scope;
}

interface FinishedTask {
  readonly result?: { readonly state: TaskState } | undefined;
  readonly tasks?: readonly FinishedTask[];
}

function anyFailed(tasks: readonly FinishedTask[]): boolean {
  return tasks.some((task) => task.result?.state === 'fail' || anyFailed(task.tasks ?? []));
}
