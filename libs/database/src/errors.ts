/** SQLSTATEs after which the same work can succeed: connection lost, server going down or full, conflicts between transactions. */
const TRANSIENT_STATES: readonly string[] = [
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '40001', // serialization failure
  '40P01', // deadlock
  '53300', // too many connections
  '53400',
  '55P03', // lock not available
  '57P01', // admin shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now
  '57014', // statement time-out
  '25P03', // idle in transaction time-out
  '25P02', // the transaction was already aborted by one of these
];

const TRANSIENT_CODES: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // a unix socket that is not there yet
];

/** What pg says without a code when a connection ends under it. */
const TRANSIENT_TEXT =
  /connection terminated|client has encountered a connection error|timeout exceeded when trying to connect|server closed the connection|client was closed|cannot use a pool after calling end|connection ended unexpectedly/i;

/** True when the database was away or busy and the same work may be tried again; false when it would fail again. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some((inner) => isTransient(inner))) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (TRANSIENT_STATES.includes(code) || TRANSIENT_CODES.includes(code)) return true;
  if (code === '' && TRANSIENT_TEXT.test(error.message)) return true;
  const inner: unknown = 'driverError' in error ? error.driverError : error.cause;
  return inner !== error && isTransient(inner);
}

/** Another process has taken the shard since: the work is to be dropped, its new owner does it. */
export class FencedOut extends Error {
  readonly code = 'fenced-out';
  readonly retryable = false;

  constructor(
    readonly shard: number,
    readonly epoch: number,
    readonly current: number,
  ) {
    super(`shard ${shard} is held at epoch ${current}, not ${epoch}`);
    this.name = 'FencedOut';
  }
}

/** The work caught an error of one of its statements and went on: Postgres commits nothing of such a transaction. */
export class RolledBack extends Error {
  readonly code = 'rolled-back';
  readonly retryable = false;

  constructor() {
    super('nothing was committed: a statement of this transaction had failed');
    this.name = 'RolledBack';
  }
}
