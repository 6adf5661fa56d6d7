import { afterAll } from 'vitest';

interface StartedProcess {
  readonly service: string;
  readonly pid: number;
}

const running = new Set<StartedProcess>();

export function noteStarted(process: StartedProcess): void {
  running.add(process);
}

export function noteEnded(process: StartedProcess): void {
  running.delete(process);
}

/**
 * Fails the file when a service that its tests started still runs at its end. Call it at the top of the file, before
 * `fileScope()`: hooks run in the reverse order, so this looks after the scope has cleaned up.
 */
export function checkLeaks(): void {
  afterAll(() => {
    const left = [...running].map(({ service, pid }) => `${service} (process ${pid})`);
    if (left.length > 0) throw new Error(`still running at the end of the file: ${left.join(', ')}`);
  });
}
