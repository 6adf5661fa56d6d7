import { Module, type DynamicModule } from '@nestjs/common';
import { topicsOf, webhookSigningKey } from '@relay/contracts';
import { DatabaseModule } from '@relay/database';
import { KafkaModule } from '@relay/kafka';
import { Log, Metrics } from '@relay/service-kit';
import { SyncEngineModule, TokenTable } from '@relay/sync-engine';
import { ProvetCalls } from './calls/provet-calls.js';
import { TenantBudgets } from './calls/tenant-budgets.js';
import { enabledResources } from './catalogue/catalogue.js';
import { resourceSpecs } from './catalogue/resource-specs.js';
import type { ProvetSyncConfig } from './config.js';
import { migrations } from './migrations.js';
import { ProvetHttp } from './outgoing-http.provider.js';
import { ProvetConnector } from './provet.connector.js';
import type { WebhookSettings } from './webhooks/prepare-webhooks.js';

const SERVICE = 'provet-sync';

/** Provet's outgoing HTTP, for the connector. */
@Module({})
class ProvetHttpModule {
  static forRoot(config: ProvetSyncConfig): DynamicModule {
    const http = {
      provide: ProvetHttp,
      useFactory: (log: Log, metrics: Metrics) => new ProvetHttp(config, log, metrics),
      inject: [Log, Metrics],
    };
    return { module: ProvetHttpModule, providers: [http], exports: [ProvetHttp] };
  }
}

/** The sync engine with Provet's connector. */
@Module({})
export class ProvetSyncModule {
  static forRoot(config: ProvetSyncConfig): DynamicModule {
    const resources = enabledResources(config.resources);
    return {
      module: ProvetSyncModule,
      imports: [
        DatabaseModule.forRoot({
          service: SERVICE,
          url: config.databaseUrl,
          poolSize: config.databasePoolSize,
          migrations,
        }),
        KafkaModule.forRoot({ service: SERVICE, settings: config, topics: topicsOf(SERVICE, resources) }),
        SyncEngineModule.forRoot({
          service: SERVICE,
          settings: { ...config, consumeNotices: config.webhooks !== 'off' },
          imports: [ProvetHttpModule.forRoot(config)],
          connector: {
            useFactory: (http: ProvetHttp, tokens: TokenTable) => connectorOf(config, resources, http, tokens),
            inject: [ProvetHttp, TokenTable],
          },
        }),
      ],
    };
  }
}

function connectorOf(
  config: ProvetSyncConfig,
  resources: readonly string[],
  http: ProvetHttp,
  tokens: TokenTable,
): ProvetConnector {
  const calls = new ProvetCalls(http, tokens, new TenantBudgets(config.budgetShare));
  const specs = resourceSpecs(resources, { ...config, notices: config.webhooks !== 'off' });
  return new ProvetConnector(calls, specs, webhookSettings(config, resources));
}

function webhookSettings(config: ProvetSyncConfig, resources: readonly string[]): WebhookSettings {
  if (config.webhooks !== 'provision') return { mode: config.webhooks };
  const [first, ...older] = config.webhookKeys.map(webhookSigningKey);
  if (!first) throw new Error('WEBHOOK_KEYS is empty');
  const { publicUrl, webhookUrlField: targetMember } = config;
  // At the pace of the checks, which do the webhooks' work meanwhile.
  const tryAgainMs = config.reconcileSeconds * 1000;
  return { mode: 'provision', publicUrl, keys: [first, ...older], targetMember, resources, tryAgainMs };
}
