import { OpeningKeys } from '@relay/sealing';
import {
  commonSettings,
  databaseSettings,
  defineSettings,
  exactSettings,
  outgoingHttpSettings,
  setting,
  type ConfigOf,
} from '@relay/service-kit';
import { engineSettings } from '@relay/sync-engine';

/** Everything that exact-sync reads from its environment (contract §2). */
export const settings = defineSettings({
  ...commonSettings,
  ...databaseSettings,
  ...outgoingHttpSettings,
  ...exactSettings,
  ...engineSettings,
  tokenPrivateJwks: setting.optionalSecret({
    env: 'EXACT_TOKEN_PRIVATE_JWKS',
    about: 'Opens the access tokens that token-broker has sealed for this connector; needed unless EXACT is off',
    check: (value) => (value === null ? null : unreadableKeys(value)),
  }),
  subscriptionSeconds: setting.seconds({
    env: 'EXACT_SUBSCRIPTION_SECONDS',
    about: 'How often the active subscriptions are listed',
    default: 300,
  }),
  pollSeconds: setting.seconds({
    env: 'EXACT_POLL_SECONDS',
    about: 'How often appointments near today are read',
    default: 60,
  }),
  nearDays: setting.integer({
    env: 'EXACT_NEAR_DAYS',
    about: 'Near means from yesterday to this many days ahead',
    min: 1,
    default: 3,
  }),
  farSeconds: setting.seconds({
    env: 'EXACT_FAR_SECONDS',
    about: 'How often the other appointments are read',
    default: 3_600,
  }),
  windowPastDays: setting.integer({
    env: 'EXACT_WINDOW_PAST_DAYS',
    about: 'How far back appointments are read',
    min: 1,
    default: 30,
  }),
  windowFutureDays: setting.integer({
    env: 'EXACT_WINDOW_FUTURE_DAYS',
    about: 'How far ahead appointments are read',
    min: 1,
    default: 365,
  }),
  sweepSeconds: setting.seconds({
    env: 'EXACT_SWEEP_SECONDS',
    about: 'How often the other kinds of records are read',
    default: 21_600,
  }),
  historyDays: setting.integer({
    env: 'EXACT_HISTORY_DAYS',
    about: 'Appointments of the past beyond EXACT_WINDOW_PAST_DAYS, back to so many days, are read once; 0 = none are',
    min: 0,
    default: 0,
  }),
  callsPerPracticeHour: setting.integer({
    env: 'EXACT_CALLS_PER_PRACTICE_HOUR',
    about: 'Calls to one practice in any hour; a first reading takes half of them at most, sweeps less than a third',
    min: 10,
    default: 600,
  }),
  maxRequestsPerSecond: setting.number({
    env: 'EXACT_MAX_REQUESTS_PER_SECOND',
    about: 'Requests to EXACT of one process',
    min: 0.1,
    default: 20,
  }),
  practiceConcurrency: setting.integer({
    env: 'EXACT_PRACTICE_CONCURRENCY',
    about: 'Calls in flight to one practice',
    min: 1,
    default: 2,
  }),
  continuationHeader: setting.text({
    env: 'EXACT_CONTINUATION_HEADER',
    about: 'Header in which the continuation of a list travels; looked at first',
    default: 'x-continuation-token',
  }),
  continuationMember: setting.text({
    env: 'EXACT_CONTINUATION_MEMBER',
    about: 'Member in which the continuation of a list travels',
    default: 'continuationToken',
  }),
});

export type ExactSyncConfig = ConfigOf<typeof settings>;

/** Rules between settings that only this service has. */
export function crossChecks(config: ExactSyncConfig): string[] {
  if (config.exactEnvironment === '' || config.tokenPrivateJwks !== null) return [];
  return ['EXACT_TOKEN_PRIVATE_JWKS is missing: tokens cannot be opened without it'];
}

function unreadableKeys(value: string): string | null {
  try {
    OpeningKeys.parse(value);
    return null;
  } catch {
    return 'is no set of private keys (JWKS)';
  }
}
