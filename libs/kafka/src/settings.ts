import type { KafkaConfig, SASLOptions } from 'kafkajs';

/** The Kafka part of every service's configuration (contract §2). Absent texts may be null, undefined or empty. */
export interface KafkaSettings {
  readonly kafkaBrokers: readonly string[];
  readonly kafkaSsl?: boolean | undefined;
  readonly kafkaSslCa?: string | null | undefined;
  readonly kafkaSslCert?: string | null | undefined;
  readonly kafkaSslKey?: string | null | undefined;
  readonly kafkaSaslMechanism?: string | null | undefined;
  readonly kafkaSaslUsername?: string | null | undefined;
  readonly kafkaSaslPassword?: string | null | undefined;
  readonly kafkaSessionTimeoutMs: number;
  readonly topicPrefix: string;
  readonly consumerGroupPrefix: string;
  readonly topicPartitions: number;
  readonly topicReplication: number;
  readonly topicMinInsync: number;
  readonly topicCreate: boolean;
}

/** The connection part of the settings in kafkajs' form. */
export function connectionOf(settings: KafkaSettings): Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'> {
  const { kafkaSslCa: ca, kafkaSslCert: cert, kafkaSslKey: key } = settings;
  const ssl = { ...(ca ? { ca: [ca] } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  const sasl = saslOf(settings);
  return {
    brokers: [...settings.kafkaBrokers],
    ...(settings.kafkaSsl === true ? { ssl: Object.keys(ssl).length > 0 ? ssl : true } : {}),
    ...(sasl === null ? {} : { sasl }),
  };
}

function saslOf(settings: KafkaSettings): SASLOptions | null {
  const mechanism = settings.kafkaSaslMechanism?.toLowerCase();
  if (!mechanism) return null;
  if (mechanism !== 'plain' && mechanism !== 'scram-sha-256' && mechanism !== 'scram-sha-512') {
    throw new Error(`KAFKA_SASL_MECHANISM ${mechanism} is none of plain, scram-sha-256, scram-sha-512`);
  }
  const access = { username: settings.kafkaSaslUsername ?? '', password: settings.kafkaSaslPassword ?? '' };
  // Spelt out per mechanism: kafkajs' type is a union by literal.
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...access };
    case 'scram-sha-256':
      return { mechanism, ...access };
    case 'scram-sha-512':
      return { mechanism, ...access };
    default:
      return mechanism satisfies never;
  }
}
