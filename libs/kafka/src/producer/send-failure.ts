import { KafkaSendError, type SendFailure } from '../errors.js';

/** kafkajs' errors that are raised before a byte of the request left this process. */
const BEFORE_SENDING = new Set([
  'KafkaJSConnectionError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSSASLAuthenticationError',
]);

/** Answers of the broker that say: not taken, and never will be. */
const REFUSED_FOR_GOOD = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

/**
 * What is known of messages after kafkajs gave up one request. With several partitions in a request, one may have been
 * taken and another refused: only an error from before the sending is certain for all.
 */
export function sendFailure(error: unknown, messagesInRequest: number): KafkaSendError {
  const chain = causesOf(error);
  const refused = chain.find((e) => REFUSED_FOR_GOOD.has(e.type ?? ''));
  if (refused) {
    const outcome: SendFailure = messagesInRequest === 1 ? 'not-sent' : 'unknown';
    return new KafkaSendError(`the broker refuses the message: ${refused.type}`, outcome, false, { cause: error });
  }
  const before = chain.some((e) => BEFORE_SENDING.has(e.name ?? '') || e.type === 'UNKNOWN_TOPIC_OR_PARTITION');
  const word = chain.at(-1)?.type ?? chain.at(-1)?.name ?? 'unknown error';
  return new KafkaSendError(`not acknowledged: ${word}`, before ? 'not-sent' : 'unknown', true, { cause: error });
}

function causesOf(error: unknown): { name?: string; type?: string }[] {
  const chain: { name?: string; type?: string }[] = [];
  let at = error as { name?: string; type?: string; cause?: unknown } | undefined;
  while (at !== undefined && at !== null && typeof at === 'object' && chain.length < 10) {
    chain.push(at);
    at = at.cause as typeof at;
  }
  return chain;
}
