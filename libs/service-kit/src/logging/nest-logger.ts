import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** Nest's own messages through our log. Its start-up chatter is of use to developers only, so it is debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.target.debug(this.fields(rest), String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    if (message instanceof Error) this.target.error({ err: message, ...this.fields(rest) }, 'framework error');
    else this.target.error(this.fields(rest), String(message));
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.target.warn(this.fields(rest), String(message));
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.target.debug(this.fields(rest), String(message));
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.target.trace(this.fields(rest), String(message));
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }

  /** Nest passes the context last and, for errors, the stack before it. */
  private fields(rest: readonly unknown[]): Record<string, unknown> {
    const texts = rest.filter((entry) => typeof entry === 'string');
    const context = texts.at(-1);
    const stack = texts.length > 1 ? texts[0] : undefined;
    return { ...(context === undefined ? {} : { context }), ...(stack === undefined ? {} : { stack }) };
  }
}
