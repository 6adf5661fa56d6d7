/** The codes of every error that this lib raises by itself. */
export const KAFKA_ERROR_CODES = [
  'kafka-send',
  'topic-drift',
  'topic-missing',
  'topic-pending',
  'retry-later',
  'kafka-setup',
] as const;
export type KafkaErrorCode = (typeof KAFKA_ERROR_CODES)[number];

/** Whether a message that was not acknowledged may be in the log all the same. */
export type SendFailure = 'not-sent' | 'unknown';

/**
 * A message was not acknowledged. `not-sent`: it is not in the log and never will be. `unknown`: it may be there, now or
 * later; whoever sends state sends the present state again. A message the broker refuses for good is not retryable.
 */
export class KafkaSendError extends Error {
  readonly code = 'kafka-send' satisfies KafkaErrorCode;

  constructor(
    message: string,
    readonly outcome: SendFailure,
    readonly retryable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'KafkaSendError';
  }
}

/** A topic on the broker differs from what the contract says. Somebody has to decide: the service stays unready. */
export class TopicDriftError extends Error {
  readonly code = 'topic-drift' satisfies KafkaErrorCode;
  readonly retryable = false;

  constructor(readonly differences: readonly string[]) {
    super(`topics differ from the contract: ${differences.join('; ')}`);
    this.name = 'TopicDriftError';
  }
}

/** Topics are missing and TOPIC_CREATE is false. They may be created from outside: the check is repeated. */
export class TopicMissingError extends Error {
  readonly code = 'topic-missing' satisfies KafkaErrorCode;
  readonly retryable = true;

  constructor(readonly topics: readonly string[]) {
    super(`topics are missing and TOPIC_CREATE is false: ${topics.join(', ')}`);
    this.name = 'TopicMissingError';
  }
}

/** A new topic has no leaders yet: a moment later it has. */
export class TopicPendingError extends Error {
  readonly code = 'topic-pending' satisfies KafkaErrorCode;
  readonly retryable = true;

  constructor(readonly topic: string) {
    super(`${topic} has no leader yet`);
    this.name = 'TopicPendingError';
  }
}

/**
 * Thrown by a handler whose dependency is away: the partition is paused and the same messages come again after the delay
 * (or the ordinary back-off), without a limit of tries.
 */
export class RetryLater extends Error {
  readonly code = 'retry-later' satisfies KafkaErrorCode;
  readonly retryable = true;

  constructor(
    message: string,
    readonly afterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'RetryLater';
  }
}

/** Handlers, topics and group do not fit together: a defect of the caller, found at start. */
export class KafkaSetupError extends Error {
  readonly code = 'kafka-setup' satisfies KafkaErrorCode;
  readonly retryable = false;

  constructor(message: string) {
    super(message);
    this.name = 'KafkaSetupError';
  }
}

/** True when an error of any origin declares that the same work may succeed later. */
export function isRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { retryable?: unknown }).retryable === true;
}

/** A stable word for an error: its code, else its class. Never its message, which may hold values. */
export function errorWord(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
