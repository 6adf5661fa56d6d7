/** A port of the simulator cannot be opened. */
export class PortTaken extends Error {
  readonly code = 'port-busy';
  readonly retryable = false;

  constructor(setting: string, port: number, host: string, cause: unknown) {
    super(`port ${port} on ${host} cannot be opened: stop what uses it or give another port in ${setting}`, { cause });
    this.name = 'PortTaken';
  }
}
