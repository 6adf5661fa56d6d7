import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { topicsOf } from '@relay/contracts';
import { OutgoingHttp } from '@relay/http-client';
import { KafkaModule } from '@relay/kafka';
import { Log } from '@relay/service-kit';
import type { ConsoleConfig } from './config.js';
import { ChangeFeed } from './live/change-feed.js';
import { EventStreams } from './live/event-streams.js';
import { EventsController } from './live/events.controller.js';
import { LiveReader } from './live/live-reader.js';
import { LiveTables } from './live/live-tables.js';
import { SessionGate } from './sessions/session-gate.js';
import { SessionController } from './sessions/session.controller.js';
import { Sessions } from './sessions/sessions.js';
import { HoldsController } from './tenants/holds.controller.js';
import { RegistryClient } from './tenants/registry-client.js';
import { TenantsController } from './tenants/tenants.controller.js';

/** A page of 500 tenants takes the registry far less; a person waits no longer. */
const REGISTRY_TIMEOUT_MS = 10_000;
const REGISTRY_CONNECTIONS = 16;

@Module({})
export class ConsoleModule implements OnApplicationShutdown {
  constructor(private readonly http: OutgoingHttp) {}

  static forRoot(config: ConsoleConfig): DynamicModule {
    return {
      module: ConsoleModule,
      imports: [KafkaModule.forRoot({ service: 'console', settings: config, topics: topicsOf('console') })],
      controllers: [SessionController, TenantsController, HoldsController, EventsController],
      providers: [
        {
          provide: OutgoingHttp,
          useFactory: (log: Log) =>
            new OutgoingHttp({
              // The only address that is ever called comes from the settings.
              allow: null,
              allowHttp: true,
              attemptTimeoutMs: REGISTRY_TIMEOUT_MS,
              connectionsPerHost: REGISTRY_CONNECTIONS,
              log,
            }),
          inject: [Log],
        },
        {
          provide: RegistryClient,
          useFactory: (http: OutgoingHttp) => new RegistryClient(http, config.tenantRegistryUrl),
          inject: [OutgoingHttp],
        },
        { provide: Sessions, useFactory: () => new Sessions() },
        { provide: LiveTables, useFactory: () => new LiveTables() },
        { provide: ChangeFeed, useFactory: (tables: LiveTables) => new ChangeFeed(tables), inject: [LiveTables] },
        SessionGate,
        EventStreams,
        LiveReader,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.http.close();
  }
}
