import { Module, type DynamicModule } from '@nestjs/common';
import { EXACT_RESOURCES, topicsOf, type ExactEnvironment, type PracticeDetailsValue } from '@relay/contracts';
import { DatabaseModule } from '@relay/database';
import { KafkaModule, RelayKafka, controlMessage } from '@relay/kafka';
import { Log } from '@relay/service-kit';
import { SyncEngineModule, TokenTable } from '@relay/sync-engine';
import { resourceSpecs } from './catalogue/resource-specs.js';
import type { ExactSyncConfig } from './config.js';
import { DetailsDuty } from './details/details-duty.js';
import { detailsValue } from './details/details-value.js';
import { ExactGateway, ExactGatewayModule } from './exact-gateway.module.js';
import { ExactConnector } from './exact.connector.js';
import { migrations } from './migrations.js';
import { SubscriptionDuty } from './subscriptions/subscription-duty.js';

const SERVICE = 'exact-sync';

/** The sync engine with EXACT's connector, and the work that belongs to no active practice. */
@Module({})
export class ExactSyncModule {
  static forRoot(config: ExactSyncConfig): DynamicModule {
    // EXACT is off: the process is alive and ready, and touches neither Kafka nor the database.
    if (config.exactEnvironment === '') return { module: ExactSyncModule };
    const environment = config.exactEnvironment;
    return {
      module: ExactSyncModule,
      imports: [
        DatabaseModule.forRoot({
          service: SERVICE,
          url: config.databaseUrl,
          poolSize: config.databasePoolSize,
          byKey: true,
          migrations,
        }),
        KafkaModule.forRoot({ service: SERVICE, settings: config, topics: topicsOf(SERVICE, config.exactResources) }),
        engine(config, environment),
      ],
    };
  }
}

function engine(config: ExactSyncConfig, environment: ExactEnvironment): DynamicModule {
  return SyncEngineModule.forRoot({
    service: SERVICE,
    settings: {
      ...config,
      tokenPrivateJwks: config.tokenPrivateJwks ?? '',
      tenantConcurrency: config.practiceConcurrency,
      consumeNotices: false,
    },
    imports: [ExactGatewayModule.forRoot(config, environment)],
    connector: {
      useFactory: (gateway: ExactGateway, tokens: TokenTable, kafka: RelayKafka, log: Log) =>
        new ExactConnector({
          calls: gateway.with(tokens).practices,
          apiUrl: config.exactApiUrl,
          resources: resourceSpecs(config.exactResources, {
            ...config,
            hasHistory: config.historyDays > config.windowPastDays,
          }),
          windows: {
            pastDays: config.windowPastDays,
            nearDays: config.nearDays,
            futureDays: config.windowFutureDays,
            historyDays: config.historyDays,
          },
          continuation: gateway.continuation,
          scopes: gateway.scopes,
          practices: gateway.practices,
          gates: gateway.gates,
          detailsRead: (tenant, text, observedAt) => {
            const value = detailsValue(tenant, text, observedAt, config.exactResources);
            if (value === null || !gateway.practices.note(value)) return;
            publishDetails(kafka, value).catch((error: unknown) => {
              // The duty reads them again in the course of the day.
              log.warn({ tenantId: tenant.tenantId, err: error }, 'practice details could not be published');
            });
          },
        }),
      inject: [ExactGateway, TokenTable, RelayKafka, Log],
    },
    duties: [
      {
        useFactory: (gateway: ExactGateway, tokens: TokenTable, kafka: RelayKafka, log: Log) =>
          subscriptionDuty(config, gateway, tokens, kafka, log),
        inject: [ExactGateway, TokenTable, RelayKafka, Log],
      },
      {
        useFactory: (gateway: ExactGateway, tokens: TokenTable, kafka: RelayKafka, log: Log) =>
          detailsDuty(config, gateway, tokens, kafka, log),
        inject: [ExactGateway, TokenTable, RelayKafka, Log],
      },
    ],
  });
}

function subscriptionDuty(
  config: ExactSyncConfig,
  gateway: ExactGateway,
  tokens: TokenTable,
  kafka: RelayKafka,
  log: Log,
): SubscriptionDuty {
  const { calls } = gateway.with(tokens);
  const { environment, continuation } = gateway;
  return new SubscriptionDuty({
    environment,
    calls,
    continuation,
    everySeconds: config.subscriptionSeconds,
    attemptTimeoutMs: config.httpAttemptTimeoutMs,
    backoffMinMs: config.backoffMinMs,
    backoffMaxMs: config.backoffMaxMs,
    log,
    publish: async (value) => {
      const owner = calls.api.owner;
      await kafka
        .producer('control')
        .send(controlMessage(kafka.partitions, 'subscription-list.v1', owner, environment, value));
    },
  });
}

function detailsDuty(
  config: ExactSyncConfig,
  gateway: ExactGateway,
  tokens: TokenTable,
  kafka: RelayKafka,
  log: Log,
): DetailsDuty {
  const isEnabled = (name: string): boolean => config.exactResources.includes(name);
  return new DetailsDuty({
    calls: gateway.with(tokens).practices,
    resources: config.exactResources,
    lacks: (tenant) => EXACT_RESOURCES.some((name) => isEnabled(name) && gateway.gates.lacking(tenant, name) !== null),
    attemptTimeoutMs: config.httpAttemptTimeoutMs,
    backoffMinMs: config.backoffMinMs,
    backoffMaxMs: config.backoffMaxMs,
    log,
    publish: async (value) => {
      gateway.practices.note(value);
      await publishDetails(kafka, value);
    },
  });
}

async function publishDetails(kafka: RelayKafka, value: PracticeDetailsValue): Promise<void> {
  const { tenantId } = value;
  await kafka
    .producer('control')
    .send(controlMessage(kafka.partitions, 'practice-details.v1', tenantId, tenantId, value));
}
