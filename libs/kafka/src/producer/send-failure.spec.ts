import { describe, expect, it } from 'vitest';
import { sendFailure } from './send-failure.js';

const error = (name: string, type?: string, cause?: Error) =>
  Object.assign(new Error(name), { name, ...(type ? { type } : {}), ...(cause ? { cause } : {}) });
const gaveUp = (cause: Error) => error('KafkaJSNumberOfRetriesExceeded', undefined, cause);

describe('sendFailure', () => {
  it.each([
    ['no connection', gaveUp(error('KafkaJSConnectionError')), 3, 'not-sent', true],
    ['no such topic', gaveUp(error('KafkaJSProtocolError', 'UNKNOWN_TOPIC_OR_PARTITION')), 3, 'not-sent', true],
    ['connection closed while waiting', gaveUp(error('KafkaJSConnectionClosedError')), 3, 'unknown', true],
    ['time-out', gaveUp(error('KafkaJSRequestTimeoutError')), 3, 'unknown', true],
    ['too few replicas', gaveUp(error('KafkaJSProtocolError', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND')), 1, 'unknown', true],
    ['alone too large', error('KafkaJSProtocolError', 'MESSAGE_TOO_LARGE'), 1, 'not-sent', false],
    ['one of many too large', error('KafkaJSProtocolError', 'MESSAGE_TOO_LARGE'), 2, 'unknown', false],
    ['anything else', 'not even an error', 1, 'unknown', true],
  ])('%s', (_what, cause, messages, outcome, retryable) => {
    expect(sendFailure(cause, messages)).toMatchObject({ code: 'kafka-send', outcome, retryable });
  });
});
