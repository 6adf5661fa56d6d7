import { describe, expect, it } from 'vitest';
import { KafkaSetupError } from '../errors.js';
import { isFatalCrash } from './crash.js';

const error = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });

describe('isFatalCrash', () => {
  it.each([
    ['no coordinator yet', error('KafkaJSGroupCoordinatorNotFound'), false],
    [
      'the same while rejoining',
      error('KafkaJSNonRetriableError', { cause: error('KafkaJSGroupCoordinatorNotFound') }),
      false,
    ],
    ['an unknown protocol error', error('KafkaJSProtocolError', { type: 'OFFSET_METADATA_TOO_LARGE' }), false],
    ['not allowed', error('KafkaJSProtocolError', { type: 'GROUP_AUTHORIZATION_FAILED' }), true],
    ['wrong password', error('KafkaJSSASLAuthenticationError'), true],
    ['our defect, wrapped', error('KafkaJSNonRetriableError', { cause: new TypeError('x is undefined') }), true],
    ['uneven topics', new KafkaSetupError('uneven'), true],
  ])('%s', (_what, crash, isFatal) => {
    expect(isFatalCrash(crash)).toBe(isFatal);
  });
});
