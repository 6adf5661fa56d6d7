import { setting } from './kinds.js';
import { defineSettings } from './setting.js';

/** For services that call vendors. */
export const outgoingHttpSettings = defineSettings({
  httpAttemptTimeoutMs: setting.integer({
    env: 'HTTP_ATTEMPT_TIMEOUT_MS',
    about: 'Longest that one call to a vendor may take',
    min: 1,
    default: 30_000,
  }),
  breakerFailures: setting.integer({
    env: 'BREAKER_FAILURES',
    about: 'Failures in a row after which a practice is left alone for a while',
    min: 1,
    default: 5,
  }),
  backoffMinMs: setting.integer({
    env: 'BACKOFF_MIN_MS',
    about: 'Shortest pause before a failed call is tried again',
    min: 1,
    default: 1000,
  }),
  backoffMaxMs: setting.integer({
    env: 'BACKOFF_MAX_MS',
    about: 'Longest pause before a failed call is tried again',
    min: 1,
    default: 900_000,
    check: (value, values) =>
      typeof values['backoffMinMs'] === 'number' && value < values['backoffMinMs']
        ? 'must not be less than BACKOFF_MIN_MS'
        : null,
  }),
});
