export type { OffsetRange } from './admin-client.js';
export { TableReader } from './consumer/table-reader.js';
export type { TableReaderOptions } from './consumer/table-reader.js';
export { unreadMessages } from './consumer/unread.js';
export type { UnreadHost } from './consumer/unread.js';
export {
  KAFKA_ERROR_CODES,
  KafkaSendError,
  KafkaSetupError,
  RetryLater,
  TopicDriftError,
  TopicMissingError,
} from './errors.js';
export type { KafkaErrorCode, SendFailure } from './errors.js';
export { KafkaModule } from './kafka.module.js';
export type { KafkaModuleOptions } from './kafka.module.js';
export { controlMessage } from './messages.js';
export type { Outgoing, Position, Received, ReceivedBatch } from './messages.js';
export type { KafkaHealth, KafkaHealthCheck, KafkaLog, KafkaMetrics } from './ports.js';
export { GroupingProducer } from './producer/grouping-producer.js';
export type { ProducerKind, SendOptions } from './producer/grouping-producer.js';
export { RelayKafka } from './relay-kafka.js';
export type { RelayKafkaOptions } from './relay-kafka.js';
export type { KafkaSettings } from './settings.js';
export type { ShardOwner } from './shards/shard-owner.js';
export { deleteTopics } from './topics/delete-topics.js';
export { KafkaContext, groupTransport } from './transport/group-handlers.js';
export type { KafkaContextInfo } from './transport/group-handlers.js';
export { KafkaGroupServer } from './transport/kafka-group-server.js';
export type { GroupTopic, KafkaGroupServerOptions } from './transport/kafka-group-server.js';
