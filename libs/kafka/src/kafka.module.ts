import type { ServiceName, TopicSpec } from '@relay/contracts';
import { Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Health, Log, Metrics } from '@relay/service-kit';
import { RelayKafka } from './relay-kafka.js';
import type { KafkaSettings } from './settings.js';

export interface KafkaModuleOptions {
  readonly service: ServiceName;
  readonly settings: KafkaSettings;
  /** From `topicsOf(service, resources)`. */
  readonly topics: readonly TopicSpec[];
}

/** Starts the topic set-up without waiting for it: a service starts while Kafka is away, and says so in its readiness. */
@Module({})
export class KafkaModule implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly kafka: RelayKafka) {}

  static forRoot(options: KafkaModuleOptions): DynamicModule {
    return {
      module: KafkaModule,
      global: true,
      providers: [
        {
          provide: RelayKafka,
          useFactory: (log: Log, health: Health, metrics: Metrics) =>
            new RelayKafka({ ...options, log, health, metrics }),
          inject: [Log, Health, Metrics],
        },
      ],
      exports: [RelayKafka],
    };
  }

  onModuleInit(): void {
    void this.kafka.topicsReady();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.kafka.close();
  }
}
