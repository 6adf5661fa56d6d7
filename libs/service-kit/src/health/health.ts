export interface HealthCheck {
  readonly status: 'up' | 'down';
  readonly detail?: string;
}
export type HealthProbe = () => Promise<HealthCheck> | HealthCheck;

export interface Readiness {
  readonly status: 'up' | 'down';
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

/** A check that hangs must not hang the answer: orchestrators give up after a few seconds themselves. */
const CHECK_TIMEOUT_MS = 3000;

/**
 * What the process can say about itself. Ready = it can do its own job; a vendor's health is never part of it.
 * Live = restarting it would not help.
 */
export class Health {
  private readonly probes = new Map<string, HealthProbe>();
  private fatal: string | null = null;

  register(name: string, probe: HealthProbe): void {
    this.probes.set(name, probe);
  }

  unregister(name: string): void {
    this.probes.delete(name);
  }

  /** Something has ended that does not come back by itself: liveness fails, so that the process is restarted. */
  setFatal(reason: string): void {
    this.fatal ??= reason;
  }

  live(): HealthCheck {
    return this.fatal === null ? { status: 'up' } : { status: 'down', detail: this.fatal };
  }

  async ready(): Promise<Readiness> {
    const entries = await Promise.all(
      [...this.probes].map(async ([name, probe]) => [name, await runProbe(probe)] as const),
    );
    const all = this.fatal === null ? entries : [...entries, ['process', this.live()] as const];
    const status = all.every(([, check]) => check.status === 'up') ? 'up' : 'down';
    return { status, checks: Object.fromEntries(all) };
  }
}

async function runProbe(probe: HealthProbe): Promise<HealthCheck> {
  const { promise, resolve } = Promise.withResolvers<HealthCheck>();
  const timer = setTimeout(() => resolve({ status: 'down', detail: 'no answer in time' }), CHECK_TIMEOUT_MS);
  try {
    return await Promise.race([Promise.resolve().then(probe), promise]);
  } catch (error) {
    return { status: 'down', detail: error instanceof Error ? error.message : 'check failed' };
  } finally {
    clearTimeout(timer);
  }
}
