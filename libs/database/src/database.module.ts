import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Health, Log } from '@relay/service-kit';
import { DataSource } from 'typeorm';
import { Database } from './database.js';
import type { DatabaseOptions } from './data-source.js';
import { openDatabase } from './open-database.js';
import { ShardEpochs } from './shard-epochs.js';

/** Gives a service its database: migrated, connected, closed last. */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly source: DataSource) {}

  /** Global: provides `DataSource`, `Database` and `ShardEpochs`, and the health check `database`. */
  static forRoot(options: DatabaseOptions): DynamicModule {
    const providers = [
      {
        provide: DataSource,
        useFactory: (log: Log, health: Health) => openDatabase({ ...options, log, health }),
        inject: [Log, Health],
      },
      { provide: Database, useFactory: (source: DataSource) => new Database(source), inject: [DataSource] },
      {
        provide: ShardEpochs,
        useFactory: (database: Database) => new ShardEpochs(database, options.service),
        inject: [Database],
      },
    ];
    return { module: DatabaseModule, global: true, providers, exports: [DataSource, Database, ShardEpochs] };
  }

  /** The last of the shutdown steps: consumers and HTTP have finished by then. */
  async onApplicationShutdown(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}
