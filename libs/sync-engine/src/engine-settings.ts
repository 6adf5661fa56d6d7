import { defineSettings, setting, type ConfigOf } from '@relay/service-kit';

/** Settings that both syncs have because they run on the engine. Spread them into the service's own declaration. */
export const engineSettings = defineSettings({
  laneConcurrency: setting.integer({
    env: 'LANE_CONCURRENCY',
    about: 'Calls to vendors that one process has in flight, over all practices',
    default: 64,
    min: 1,
  }),
  laneSlowConcurrency: setting.integer({
    env: 'LANE_SLOW_CONCURRENCY',
    about: 'Calls in flight beside those that already take more than two seconds, or probe a practice that is away',
    default: 512,
    min: 1,
  }),
  eventPrevious: setting.flag({
    env: 'EVENT_PREVIOUS',
    about: 'Put the old values of changed members into events',
    default: false,
  }),
  eventMaxBytes: setting.integer({
    env: 'EVENT_MAX_BYTES',
    about: 'A larger event names its record instead of carrying it',
    default: 900_000,
    min: 10_000,
  }),
});

/** What a sync hands to the engine: the settings above and the service's own values under these names. */
export interface EngineConfig extends ConfigOf<typeof engineSettings> {
  /** Calls in flight for one tenant. */
  readonly tenantConcurrency: number;
  /** False: no notices reach this service (`off`, or the vendor sends none): `notice.v1` is not read. */
  readonly consumeNotices: boolean;
  /** A difference younger than this is not called missed yet. */
  readonly noticeGraceSeconds?: number;
  /** Added below the watermark of a `changed` pass. */
  readonly overlapSeconds?: number;
  /** How many tenants at once do first readings of what they were permitted lately. */
  readonly newlyPermittedAtOnce?: number;
  /** Private keys to open this connector's tokens with, as JWKS text. Empty: no tokens are used. */
  readonly tokenPrivateJwks: string;
  readonly httpAttemptTimeoutMs: number;
  readonly breakerFailures: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}
