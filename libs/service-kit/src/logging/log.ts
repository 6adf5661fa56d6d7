import { pino, type Logger } from 'pino';
import { prettyLine } from './pretty-line.js';
import { printedError, redactFields } from './redact-fields.js';
import { SecretTexts } from './secret-texts.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogOptions {
  readonly service: string;
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Where finished lines go. Default: standard output. */
  readonly write?: (line: string) => void;
}

/**
 * Structured log. Fields first, then a fixed message. Values under keys that name secrets are never printed, nor are
 * texts given to `neverPrint`, wherever they turn up. Paths belong in it as route templates only: secrets live in paths.
 */
export class Log {
  private constructor(
    private readonly pino: Logger,
    private readonly secrets: SecretTexts,
  ) {}

  static create(options: LogOptions): Log {
    const secrets = new SecretTexts();
    const out = options.write ?? ((line: string) => void process.stdout.write(line));
    const colour = options.format === 'pretty' && options.write === undefined && process.stdout.isTTY;
    const write = (line: string) => {
      const safe = secrets.hide(line);
      out(options.format === 'pretty' ? prettyLine(safe, colour) : safe);
    };
    const logger = pino(
      {
        level: options.level,
        base: { service: options.service },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: {
          level: (label) => ({ level: label }),
          log: (fields) => redactFields(fields) as Record<string, unknown>,
        },
        serializers: { err: (error: unknown) => (error instanceof Error ? printedError(error) : error) },
      },
      { write },
    );
    return new Log(logger, secrets);
  }

  trace(fields: LogFields, message: string): void {
    this.pino.trace(fields, message);
  }
  debug(fields: LogFields, message: string): void {
    this.pino.debug(fields, message);
  }
  info(fields: LogFields, message: string): void {
    this.pino.info(fields, message);
  }
  warn(fields: LogFields, message: string): void {
    this.pino.warn(fields, message);
  }
  error(fields: LogFields, message: string): void {
    this.pino.error(fields, message);
  }

  /** A log whose every line carries these fields too. */
  child(fields: LogFields): Log {
    return new Log(this.pino.child(redactFields(fields) as Record<string, unknown>), this.secrets);
  }

  /** True when lines of this level are written: asks before costly fields are collected. */
  writes(level: LogLevel): boolean {
    return this.pino.isLevelEnabled(level);
  }

  /** Takes this text out of every line from now on, in whatever field or message it turns up. */
  neverPrint(text: string): void {
    this.secrets.add(text);
  }
}
