import { Database, openDatabase } from '@relay/database';
import { Health, Log } from '@relay/service-kit';
import { fileScope, testDatabase } from '@relay/testing';
import { beforeAll, expect, it } from 'vitest';
import { migrations } from '../migrations.js';
import type { NotedHook } from '../webhooks/hook-book.js';
import { keyUses, putListing } from './webhook-listing-rows.js';

const scope = fileScope();
let database: Database;

beforeAll(async () => {
  const { url } = await testDatabase(scope, 'provet-sync');
  const log = Log.create({ service: 'provet-sync', level: 'error', format: 'json', write: () => undefined });
  const options = { service: 'provet-sync', url, poolSize: 2, migrations, log, health: new Health() } as const;
  const source = await openDatabase(options);
  scope.onTestFinished(() => source.destroy());
  database = new Database(source);
});

const hook = (over: Partial<NotedHook> = {}): NotedHook => ({
  hookId: '1',
  trigger: 1,
  keyId: 'key-a',
  by: 'relay',
  isSpare: false,
  ...over,
});
const prepared = (tenantId: string) =>
  database.query(`insert into lane (tenant_id, shard, state) values ($1, 0, '{}')`, [tenantId]);

it('tells which keys are used where, by the newest listing of each tenant that is not purged', async () => {
  for (const tenantId of ['a', 'b', 'c']) await prepared(tenantId);
  await putListing(database, 'a', 2_000, [
    hook(),
    hook({ hookId: '2', trigger: 2 }),
    hook({ keyId: null, by: 'people' }),
  ]);
  // Of a process that was paused: it was asked for earlier.
  await putListing(database, 'a', 1_000, [hook({ keyId: 'key-old' })]);
  await putListing(database, 'b', 1_000, [hook({ keyId: 'key-old', isSpare: true })]);
  await putListing(database, 'c', 1_000, [hook()]);
  await putListing(database, 'c', 2_000, []);
  await putListing(database, 'purged', 1_000, [hook()]);
  expect(await keyUses(database)).toEqual([
    { tenantId: 'a', keyId: 'key-a', by: 'relay', isSpare: false, hooks: 2 },
    { tenantId: 'a', keyId: null, by: 'people', isSpare: false, hooks: 1 },
    { tenantId: 'b', keyId: 'key-old', by: 'relay', isSpare: true, hooks: 1 },
  ]);
  await putListing(database, 'b', 4_000_000, [hook({ keyId: 'key-b' })]);
  expect(await database.query('select tenant_id from webhook_listing order by 1')).toEqual([
    { tenant_id: 'a' },
    { tenant_id: 'b' },
  ]);
});
