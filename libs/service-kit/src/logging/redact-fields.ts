import { HIDDEN } from './secret-texts.js';

const SECRET_KEY = /secret|token|password|passwd|authorization|cookie|sealed|jwks|private.?key|api.?key|webhook.?key/i;
/** Facts about a secret that are none themselves: `tokenVersion`, `credentialId`, `tokenExpiresAt`. */
const HARMLESS_KEY = /(id|version|at|count|ms|seconds|code|kind|state|status|health)$/i;
const DEEPEST = 6;

export interface PrintedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: PrintedError;
}

/** The parts of an error that are safe to print. Drivers hang rows, parameters and whole requests on theirs. */
export function printedError(error: Error, depth = 0): PrintedError {
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : null;
  return {
    type: error.name,
    message: error.message,
    ...(code === null ? {} : { code: String(code) }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause instanceof Error && depth < DEEPEST ? { cause: printedError(error.cause, depth + 1) } : {}),
  };
}

/** A copy of log fields without the values of keys that name secrets. Numbers and flags stay: they are facts about them. */
export function redactFields(value: unknown, depth = 0): unknown {
  if (value instanceof Error) return printedError(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.map((entry) => redactFields(entry, depth + 1));
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      String(key),
      isSecret(String(key), entry) ? HIDDEN : redactFields(entry, depth + 1),
    ]),
  );
}

function isSecret(key: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return false;
  return SECRET_KEY.test(key) && !HARMLESS_KEY.test(key);
}
