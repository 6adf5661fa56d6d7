import type { Keyring } from './keyring.js';
import type { TestKafka } from './test-kafka.js';

export interface RelayParts {
  readonly kafka: TestKafka;
  readonly databaseUrl: string;
  readonly keyring: Keyring;
  /** Of the gateway. */
  readonly publicUrl: string;
  readonly registryUrl?: string;
  readonly tokenBrokerUrl?: string;
  /** `host:port` of a Provet twin. */
  readonly provetHost?: string;
  readonly exact?: { readonly url: string; readonly clientId: string; readonly secret: string };
}

/** Environment of every service of one relay under test: quick paces, small back-offs, vendors on this machine. */
export function relayEnvironment(parts: RelayParts): Record<string, string> {
  const { kafka, keyring, exact } = parts;
  return {
    ...keyring,
    KAFKA_BROKERS: kafka.brokers.join(','),
    TOPIC_PREFIX: kafka.prefix,
    CONSUMER_GROUP_PREFIX: kafka.prefix,
    TOPIC_PARTITIONS: String(kafka.settings.topicPartitions),
    KAFKA_SESSION_TIMEOUT_MS: String(kafka.settings.kafkaSessionTimeoutMs),
    DATABASE_URL: parts.databaseUrl,
    HOST: '127.0.0.1',
    PUBLIC_URL: parts.publicUrl,
    TENANT_REGISTRY_URL: parts.registryUrl ?? 'http://127.0.0.1:9',
    TOKEN_BROKER_URL: parts.tokenBrokerUrl ?? 'http://127.0.0.1:9',
    PROVET_ALLOW_HTTP: 'true',
    PROVET_ALLOWED_HOSTS: parts.provetHost ?? 'provetcloud.com',
    PROVET_BUDGET_SHARE: '0',
    PROVET_RECONCILE_SECONDS: '5',
    PROVET_OVERLAP_SECONDS: '2',
    PROVET_NOTICE_GRACE_SECONDS: '2',
    // Tests register as they like.
    HOOKUP_MAX_PER_HOUR: '1000000',
    BACKOFF_MIN_MS: '100',
    BACKOFF_MAX_MS: '2000',
    LOG_FORMAT: 'json',
    EXACT_ENVIRONMENT: exact === undefined ? '' : 'qa',
    EXACT_SUBSCRIPTION_SECONDS: '2',
    EXACT_POLL_SECONDS: '2',
    EXACT_FAR_SECONDS: '5',
    EXACT_SWEEP_SECONDS: '5',
    EXACT_MAX_REQUESTS_PER_SECOND: '500',
    ...(exact === undefined
      ? {}
      : {
          EXACT_API_URL: exact.url,
          EXACT_AUTHORITY_URL: exact.url,
          EXACT_CLIENT_ID: exact.clientId,
          EXACT_CLIENT_SECRET: exact.secret,
        }),
  };
}
