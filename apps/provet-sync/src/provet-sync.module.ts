import { Module, type DynamicModule } from '@nestjs/common';
import { topicsOf, webhookSigningKey } from '@relay/contracts';
import { DatabaseModule } from '@relay/database';
import { KafkaModule } from '@relay/kafka';
import { Log, Metrics, systemClock } from '@relay/service-kit';
import { SyncEngineModule, TokenTable } from '@relay/sync-engine';
import { HostCeiling } from './calls/host-ceiling.js';
import { ProvetCalls } from './calls/provet-calls.js';
import { TenantBudgets } from './calls/tenant-budgets.js';
import { enabledResources } from './catalogue/catalogue.js';
import { resourceSpecs } from './catalogue/resource-specs.js';
import type { ProvetSyncConfig } from './config.js';
import { migrations } from './migrations.js';
import { ProvetHttp } from './outgoing-http.provider.js';
import { ProvetConnector } from './provet.connector.js';
import type { UpkeepSettings } from './upkeep/prepare-tenant.js';
import type { HookBook } from './webhooks/hook-book.js';
import type { WebhookSettings } from './webhooks/prepare-webhooks.js';
import { WebhookKeys } from './webhooks/webhook-keys.js';

const SERVICE = 'provet-sync';

/** What the connector needs of its own: outgoing HTTP, and the book of webhooks. */
@Module({})
class ConnectorPartsModule {
  static forRoot(config: ProvetSyncConfig): DynamicModule {
    const http = {
      provide: ProvetHttp,
      useFactory: (log: Log, metrics: Metrics) => new ProvetHttp(config, log, metrics),
      inject: [Log, Metrics],
    };
    return { module: ConnectorPartsModule, providers: [http, WebhookKeys], exports: [ProvetHttp, WebhookKeys] };
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
          byKey: true,
          migrations,
        }),
        KafkaModule.forRoot({ service: SERVICE, settings: config, topics: topicsOf(SERVICE, resources) }),
        SyncEngineModule.forRoot({
          service: SERVICE,
          settings: { ...config, consumeNotices: config.webhooks !== 'off' },
          imports: [ConnectorPartsModule.forRoot(config)],
          connector: {
            useFactory: (http: ProvetHttp, tokens: TokenTable, book: WebhookKeys, metrics: Metrics) =>
              connectorOf(config, resources, { http, tokens, book, metrics }),
            inject: [ProvetHttp, TokenTable, WebhookKeys, Metrics],
          },
        }),
      ],
    };
  }
}

interface ConnectorParts {
  readonly http: ProvetHttp;
  readonly tokens: TokenTable;
  readonly book: HookBook;
  readonly metrics: Metrics;
}

function connectorOf(
  config: ProvetSyncConfig,
  resources: readonly string[],
  { http, tokens, book, metrics }: ConnectorParts,
): ProvetConnector {
  const ceiling = new HostCeiling(config.hostRequestsPerSecond);
  ceiling.watch(metrics);
  const calls = new ProvetCalls(http, tokens, new TenantBudgets(config.budgetShare), systemClock, ceiling);
  const specs = resourceSpecs(resources, { ...config, notices: config.webhooks !== 'off' });
  return new ProvetConnector(calls, specs, webhookSettings(config, resources, book), upkeepSettings(config, resources));
}

function upkeepSettings(config: ProvetSyncConfig, resources: readonly string[]): UpkeepSettings {
  const { queueSeconds, queueMembers, queueFailed, webhooks } = config;
  const [hook = '', outcome = '', at = ''] = queueMembers;
  const isRead = webhooks === 'provision' && queueSeconds > 0;
  const reading = { members: { hook, outcome, at }, failed: queueFailed.map((word) => word.toLowerCase()) };
  return {
    resources,
    queue: isRead ? { ...reading, everyMs: queueSeconds * 1000 } : null,
    random: Math.random,
  };
}

function webhookSettings(config: ProvetSyncConfig, resources: readonly string[], book: HookBook): WebhookSettings {
  if (config.webhooks !== 'provision') return { mode: config.webhooks };
  const [first, ...older] = config.webhookKeys.map(webhookSigningKey);
  if (!first) throw new Error('WEBHOOK_KEYS is empty');
  const { publicUrl, webhookUrlField: targetMember } = config;
  // At the pace of the checks, which do the webhooks' work meanwhile.
  const tryAgainMs = config.reconcileSeconds * 1000;
  return { mode: 'provision', publicUrl, keys: [first, ...older], targetMember, resources, tryAgainMs, book };
}
