import { Database, ShardEpochs, openDatabase } from '@relay/database';
import { Health, Log } from '@relay/service-kit';
import { fileScope, testDatabase } from '@relay/testing';
import { beforeAll, describe, it } from 'vitest';
import { storeConformance } from '../conformance/store-conformance.js';
import { engineMigrations } from './engine-migrations.js';
import { PostgresStore } from './postgres-store.js';

describe('the store in PostgreSQL', () => {
  const scope = fileScope();
  let store: PostgresStore;

  beforeAll(async () => {
    const { url } = await testDatabase(scope, 'provet-sync');
    const log = Log.create({ service: 'provet-sync', level: 'error', format: 'json', write: () => undefined });
    const options = { service: 'provet-sync', url, poolSize: 6, byKey: true, migrations: engineMigrations } as const;
    const source = await openDatabase({ ...options, log, health: new Health() });
    scope.onTestFinished(() => source.destroy());
    const database = new Database(source);
    store = new PostgresStore(database, new ShardEpochs(database, 'provet-sync'), 12);
  });

  it.each(storeConformance(() => store))('$name', (check) => check.run());
});
