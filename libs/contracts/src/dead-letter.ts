/** Headers of `dead-letter.v1` beside the original's own (contract §5). Instants are ISO 8601. */
export const DEAD_LETTER_HEADERS = {
  topic: 'dlq-topic',
  partition: 'dlq-partition',
  offset: 'dlq-offset',
  cause: 'dlq-cause',
  attempts: 'dlq-attempts',
  firstAt: 'dlq-first-at',
  lastAt: 'dlq-last-at',
} as const;

/** Topics whose bytes never go to the dead letters, since they hold sealed secrets: a reference goes instead. */
export const REFERENCE_ONLY_DEAD_LETTERS: readonly string[] = ['hookup.v1', 'held-hookup.v1', 'token.v1'];
