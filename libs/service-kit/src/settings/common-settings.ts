import { SERVICES, type ServiceName } from '@relay/contracts';
import { setting } from './kinds.js';
import { defineSettings, type ConfigOf, type Setting, type SettingValues } from './setting.js';

const SASL_MECHANISMS = ['', 'plain', 'scram-sha-256', 'scram-sha-512'] as const;
const SASL_MEMBERS = ['kafkaSaslMechanism', 'kafkaSaslUsername', 'kafkaSaslPassword'];

function saslIncomplete(_value: unknown, values: SettingValues): string | null {
  const given = SASL_MEMBERS.filter((name) => values[name]);
  return given.length === 0 || given.length === SASL_MEMBERS.length
    ? null
    : 'needs KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD together';
}

function clientCertificateIncomplete(_value: unknown, values: SettingValues): string | null {
  return Boolean(values['kafkaSslCert']) === Boolean(values['kafkaSslKey'])
    ? null
    : 'needs KAFKA_SSL_CERT and KAFKA_SSL_KEY together';
}

function brokerListWrong(brokers: readonly string[]): string | null {
  return brokers.every((broker) => /^(\[[0-9a-fA-F:]+\]|[^\s:/@]+):\d{1,5}$/.test(broker))
    ? null
    : 'must be a comma-separated list of host:port';
}

/** Settings that every service has (contract §2). Spread them into the service's own declaration. */
export const commonSettings = defineSettings({
  kafkaBrokers: setting.list({
    env: 'KAFKA_BROKERS',
    about: 'Kafka brokers to start from, as host:port',
    example: '127.0.0.1:9092',
    check: brokerListWrong,
  }),
  kafkaSsl: setting.flag({ env: 'KAFKA_SSL', about: 'Connect to Kafka over TLS', default: false }),
  kafkaSslCa: setting.optionalText({ env: 'KAFKA_SSL_CA', about: 'Certificate authority of the brokers, PEM' }),
  kafkaSslCert: setting.optionalText({ env: 'KAFKA_SSL_CERT', about: 'Client certificate for Kafka, PEM' }),
  kafkaSslKey: setting.optionalSecret({
    env: 'KAFKA_SSL_KEY',
    about: 'Private key of the client certificate, PEM',
    check: clientCertificateIncomplete,
  }),
  kafkaSaslMechanism: setting.choice({
    env: 'KAFKA_SASL_MECHANISM',
    about: 'How to sign in to Kafka; empty = not at all',
    values: SASL_MECHANISMS,
    default: '',
    check: saslIncomplete,
  }),
  kafkaSaslUsername: setting.optionalText({ env: 'KAFKA_SASL_USERNAME', about: 'User name for Kafka' }),
  kafkaSaslPassword: setting.optionalSecret({ env: 'KAFKA_SASL_PASSWORD', about: 'Password for Kafka' }),
  kafkaSessionTimeoutMs: setting.integer({
    env: 'KAFKA_SESSION_TIMEOUT_MS',
    about: 'After this long without a heartbeat a consumer loses its partitions; heartbeats go out six times as often',
    // Brokers refuse less than group.min.session.timeout.ms, which is 6 s by default.
    min: 6000,
    default: 10_000,
  }),
  topicPrefix: setting.text({
    env: 'TOPIC_PREFIX',
    about: 'Put before every topic name',
    pattern: /^[A-Za-z0-9._-]{1,100}$/,
    patternText: 'may hold only letters, digits, dot, dash and underscore, 100 at most',
    default: 'relay.',
  }),
  consumerGroupPrefix: setting.text({
    env: 'CONSUMER_GROUP_PREFIX',
    about: 'Put before every consumer group name',
    pattern: /^[A-Za-z0-9._-]{1,100}$/,
    patternText: 'may hold only letters, digits, dot, dash and underscore, 100 at most',
    default: 'relay.',
  }),
  topicPartitions: setting.integer({
    env: 'TOPIC_PARTITIONS',
    about: 'Partitions of every topic, which is also the number of shards; fixed once topics exist',
    min: 1,
    max: 1000,
    default: 12,
  }),
  topicReplication: setting.integer({
    env: 'TOPIC_REPLICATION',
    about: 'Copies of every partition',
    min: 1,
    max: 100,
    default: 1,
  }),
  topicMinInsync: setting.integer({
    env: 'TOPIC_MIN_INSYNC',
    about: 'Copies that must have a message before it counts as written',
    min: 1,
    default: (values) => Math.max(1, Number(values['topicReplication'] ?? 1) - 1),
    defaultText: 'TOPIC_REPLICATION - 1, at least 1',
    check: (value, values) =>
      typeof values['topicReplication'] === 'number' && value > values['topicReplication']
        ? 'must not be more than TOPIC_REPLICATION'
        : null,
  }),
  topicCreate: setting.flag({
    env: 'TOPIC_CREATE',
    about: 'Create missing topics at start; false = only check that they are there',
    default: true,
  }),
  host: setting.text({ env: 'HOST', about: 'Address that the ports are opened on', default: '127.0.0.1' }),
  managementPort: setting.port({
    env: 'MANAGEMENT_PORT',
    about: 'Port of health and metrics',
    default: 4000,
    check: (value, values) => (value !== 0 && value === values['port'] ? 'must differ from PORT' : null),
  }),
  logLevel: setting.choice({
    env: 'LOG_LEVEL',
    about: 'Least important log lines that are written',
    values: ['trace', 'debug', 'info', 'warn', 'error'],
    default: 'info',
  }),
  logFormat: setting.choice({
    env: 'LOG_FORMAT',
    about: 'json for machines, pretty for people',
    values: ['json', 'pretty'],
    default: 'json',
  }),
  shutdownGraceMs: setting.integer({
    env: 'SHUTDOWN_GRACE_MS',
    about: 'How long a stopping service may finish what it has begun',
    min: 0,
    default: 10_000,
  }),
});

export type CommonConfig = ConfigOf<typeof commonSettings>;

/** Added to a service that has an HTTP API of its own. */
export function portSetting(defaultPort: number): { port: Setting<number> } {
  return {
    port: setting.port({ env: 'PORT', about: "Port of the service's API", default: defaultPort }),
  };
}

/** The management port that a service has unless `MANAGEMENT_PORT` says otherwise: 4000 for the gateway, and on. */
export function managementPortOf(service: ServiceName): number {
  return 4000 + SERVICES.indexOf(service);
}
