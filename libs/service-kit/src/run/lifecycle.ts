import type { INestApplication } from '@nestjs/common';
import type { Health } from '../health/health.js';
import type { ManagementServer } from '../health/management-server.js';
import type { Log } from '../logging/log.js';

/** While the service still starts nothing is accepted that would have to be finished. */
const STARTING_GRACE_MS = 1000;

/** From the first signal to the end of the process. */
export class Lifecycle {
  private app: INestApplication | null = null;
  private phase: 'starting' | 'running' | 'stopping' = 'starting';

  constructor(
    private readonly log: Log,
    private readonly health: Health,
    private readonly management: ManagementServer,
    private readonly graceMs: number,
  ) {}

  get stopping(): boolean {
    return this.phase === 'stopping';
  }

  /** Listens to signals and to errors that nobody caught. */
  watch(): void {
    this.health.register('service', () =>
      this.phase === 'running' ? { status: 'up' } : { status: 'down', detail: this.phase },
    );
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.stop(signal));
    process.on('uncaughtException', (error) => this.die(error, 'uncaught exception'));
    process.on('unhandledRejection', (error) => this.die(error, 'unhandled rejection'));
    // A reader of our output that went away is no reason to stop working.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  }

  started(app: INestApplication): void {
    this.app = app;
  }

  running(): void {
    if (this.phase === 'starting') this.phase = 'running';
  }

  /** Drains and ends the process. A second signal, as a terminal and npm both send one, changes nothing. */
  private async stop(signal: string): Promise<void> {
    if (this.phase === 'stopping') return;
    const grace = this.phase === 'running' ? this.graceMs : Math.min(this.graceMs, STARTING_GRACE_MS);
    const wasRunning = this.phase === 'running';
    this.phase = 'stopping';
    this.log.info({ signal, graceMs: grace }, 'stopping');
    const drained = await this.drain(grace);
    if (drained) this.log.info({}, 'stopped');
    else this.log.warn({ graceMs: grace }, 'stopped before everything begun was finished');
    process.exit(drained || !wasRunning ? 0 : 1);
  }

  private async drain(grace: number): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), grace);
    try {
      return await Promise.race([this.close(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async close(): Promise<boolean> {
    try {
      await this.app?.close();
      await this.management.close();
      return true;
    } catch (error) {
      this.log.error({ err: error }, 'could not stop in order');
      return false;
    }
  }

  private die(error: unknown, what: string): void {
    this.log.error({ err: error instanceof Error ? error : new Error(String(error)) }, what);
    process.exit(1);
  }
}
