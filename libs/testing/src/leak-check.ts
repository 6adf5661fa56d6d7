import { afterAll } from 'vitest';
import type { ServiceProcess } from './service-process.js';

const running = new Set<ServiceProcess>();

export function noteStarted(process: ServiceProcess): void {
  running.add(process);
}

export function noteEnded(process: ServiceProcess): void {
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
