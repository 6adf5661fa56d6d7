/** A port that the service must open is taken, or may not be opened. The process ends with exit code 1. */
export class PortBusy extends Error {
  readonly code = 'port-busy';
  readonly retryable = false;

  constructor(setting: string, port: number, host: string, cause: Error & { code?: unknown }) {
    const why =
      cause.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be opened (${String(cause.code)})`;
    super(`port ${port} on ${host} ${why}: stop that process or give another port in ${setting}`, { cause });
    this.name = 'PortBusy';
  }
}

const REASONS: readonly unknown[] = ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'];

/** Names the port and its setting in the error of a failed listen; other errors stay as they are. */
export function portBusy(error: unknown, setting: string, port: number, host: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !REASONS.includes(error.code)) return error;
  return new PortBusy(setting, port, host, error);
}
