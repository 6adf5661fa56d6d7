import {
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type InjectionToken,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import type { ServiceName } from '@relay/contracts';
import { Database, ShardEpochs } from '@relay/database';
import { RelayKafka } from '@relay/kafka';
import { ConfigError, Health, Log, Metrics } from '@relay/service-kit';
import { KafkaRecordLog } from './adapters/kafka-record-log.js';
import { PostgresStore } from './adapters/postgres-store.js';
import type { EngineRules } from './core/engine-rules.js';
import type { EngineConfig } from './engine-settings.js';
import type { Connector } from './ports/connector.js';
import type { ShardDuty } from './ports/shard-duty.js';
import { SyncEngine } from './sync-engine.js';
import { missingTokenKeys } from './tokens/missing-keys.js';
import { TokenTable } from './tokens/token-table.js';

/** Injection token of the service's connector. */
export const CONNECTOR = Symbol('practice-relay.connector');
const DUTIES = Symbol('practice-relay.shard-duties');

/** How a connector, or a duty, comes to be. `TokenTable`, `Log`, `Metrics`, `RelayKafka` and `Database` can be injected. */
export type PartProvider<T> =
  | { readonly useFactory: (...parts: never[]) => T | Promise<T>; readonly inject?: readonly InjectionToken[] }
  | { readonly useClass: Type<T> }
  | { readonly useExisting: InjectionToken }
  | { readonly useValue: T };

export interface SyncEngineOptions {
  readonly service: Extract<ServiceName, 'provet-sync' | 'exact-sync'>;
  readonly connector: PartProvider<Connector>;
  /** Work beside the lanes, started with each shard. */
  readonly duties?: readonly PartProvider<ShardDuty>[];
  readonly settings: EngineConfig;
  /** Modules whose exports the parts above inject. */
  readonly imports?: ModuleMetadata['imports'];
  /** Tests shorten the engine's periods. */
  readonly rules?: Partial<EngineRules>;
}

/** The engine in a service. Needs `KafkaModule`, `DatabaseModule` and the service kit, all of which are global. */
@Module({})
export class SyncEngineModule
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    private readonly engine: SyncEngine,
    private readonly tokens: TokenTable,
  ) {}

  static forRoot(options: SyncEngineOptions): DynamicModule {
    const duties = (options.duties ?? []).map((duty, index) => ({
      token: Symbol(`practice-relay.shard-duty.${index}`),
      duty,
    }));
    const providers: Provider[] = [
      {
        provide: TokenTable,
        useFactory: (kafka: RelayKafka, log: Log) => new TokenTable(kafka, options.settings.tokenPrivateJwks, log),
        inject: [RelayKafka, Log],
      },
      partOf(CONNECTOR, options.connector),
      ...duties.map(({ token, duty }) => partOf(token, duty)),
      {
        provide: DUTIES,
        useFactory: (...parts: ShardDuty[]) => parts,
        inject: duties.map(({ token }) => token),
      },
      {
        provide: SyncEngine,
        useFactory: (...[connector, parts, kafka, database, epochs, tokens, log, health, metrics]: EngineInjections) =>
          new SyncEngine({
            service: options.service,
            config: options.settings,
            ...(options.rules === undefined ? {} : { rules: options.rules }),
            connector,
            duties: parts,
            recordLog: new KafkaRecordLog(kafka, options.service),
            store: new PostgresStore(database, epochs, kafka.partitions),
            tokens,
            log,
            health,
            metrics,
          }),
        inject: [CONNECTOR, DUTIES, RelayKafka, Database, ShardEpochs, TokenTable, Log, Health, Metrics],
      },
    ];
    return {
      module: SyncEngineModule,
      imports: options.imports ?? [],
      providers,
      exports: [SyncEngine, TokenTable, CONNECTOR],
    };
  }

  /** Before any work: without its key a connector would wait for ever for tokens that are there. */
  async onModuleInit(): Promise<void> {
    const problems = await missingTokenKeys(this.tokens, this.engine.connector.vendor);
    if (problems.length > 0) throw new ConfigError(problems);
  }

  onApplicationBootstrap(): void {
    this.engine.start();
  }

  /** Lanes stop with their shards, before the consumers that would take new ones. */
  beforeApplicationShutdown(): void {
    this.engine.stopWorking();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }
}

type EngineInjections = [Connector, ShardDuty[], RelayKafka, Database, ShardEpochs, TokenTable, Log, Health, Metrics];

function partOf<T>(token: symbol, part: PartProvider<T>): Provider {
  if ('useFactory' in part) {
    return { provide: token, useFactory: part.useFactory as () => T, inject: [...(part.inject ?? [])] };
  }
  if ('useClass' in part) return { provide: token, useClass: part.useClass };
  if ('useExisting' in part) return { provide: token, useExisting: part.useExisting };
  return { provide: token, useValue: part.useValue };
}
