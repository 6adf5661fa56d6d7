/** Names, protocol types and codes of errors that no waiting cures: rights, versions, groups that do not fit, our defects. */
const FATAL: ReadonlySet<string> = new Set([
  'TypeError',
  'ReferenceError',
  'RangeError',
  'SyntaxError',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSNotImplemented',
  'KafkaJSServerDoesNotSupportApiKey',
  'KafkaJSInvariantViolation',
  'GROUP_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'UNSUPPORTED_VERSION',
  'kafka-setup',
]);

/**
 * Whether a consumer that kafkajs will not start again may be started by us. kafkajs gives up on much that passes, for
 * example when a broker that has just started names no group coordinator, and wraps it by where it happened: what counts is
 * the whole chain of causes. Whatever is not known as final is tried again.
 */
export function isFatalCrash(error: unknown): boolean {
  const chain: unknown[] = [];
  for (let at = error; typeof at === 'object' && at !== null && !chain.includes(at); at = (at as Error).cause)
    chain.push(at);
  return chain.some((one) => {
    const { name, type, code } = one as { name?: string; type?: string; code?: unknown };
    return [name, type, code].some((word) => typeof word === 'string' && FATAL.has(word));
  });
}
