export const SEAL_CODES = [
  'key-set-invalid',
  'malformed',
  'key-unknown',
  'context-mismatch',
  'not-decryptable',
] as const;
export type SealCode = (typeof SEAL_CODES)[number];

/** A seal that cannot be made or must not be opened. Nothing of the content or the keys is in the message. */
export class SealError extends Error {
  readonly retryable = false;

  constructor(
    readonly code: SealCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SealError';
  }
}
