/** The environment is not usable. The process ends with exit code 78 before it opens a port. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
  readonly retryable = false;

  constructor(readonly problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `${problems.length} settings are wrong:\n  ${problems.join('\n  ')}`);
    this.name = 'ConfigError';
  }
}

/** EX_CONFIG of sysexits.h: the configuration is wrong, starting again does not help. */
export const EXIT_CONFIG = 78;
