import { controlTopicSpec, type AuditValue } from '@relay/contracts';
import { Database, openDatabase } from '@relay/database';
import { RelayKafka } from '@relay/kafka';
import { Health, Log } from '@relay/service-kit';
import { fileScope, testDatabase, testKafka, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditOutboxMigration } from './audit-outbox.migration.js';
import { AuditPublisher } from './audit-publisher.js';
import { writeAudit } from './audit-rows.js';

const scope = fileScope();
const seen: AuditValue[] = [];
let kafka: RelayKafka;
let database: Database;
const log = Log.create({ service: 'token-broker', level: 'error', format: 'json', write: () => undefined });

beforeAll(async () => {
  const { settings } = await testKafka(scope);
  kafka = new RelayKafka({ service: 'token-broker', settings, topics: [controlTopicSpec('audit.v1')] });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  const { url } = await testDatabase(scope, 'token-broker');
  const migrations = [auditOutboxMigration(1795748400001)];
  const options = { service: 'token-broker', url, poolSize: 4, migrations, log, health: new Health() } as const;
  const source = await openDatabase(options);
  scope.onTestFinished(() => source.destroy());
  database = new Database(source);
  const reader = kafka.tableReader({
    topics: ['audit.v1'],
    onBatch: ({ messages }) => void seen.push(...messages.map(({ value }) => value as AuditValue)),
  });
  await reader.loaded;
});

const entry = (action: string): AuditValue => {
  const at = new Date().toISOString();
  return { at, actor: 'service:token-broker', action, tenantId: 'provet:h:1', reason: null, detail: null };
};
const waiting = async () => (await database.query('select 1 from audit_outbox')).length;
const told = () => seen.map((one) => one.action);

describe('an audit entry', () => {
  it('is told if what it tells of is committed, and only then', async () => {
    const publisher = new AuditPublisher(database, kafka, log);
    const undone = database.transaction(async (tx) => {
      await writeAudit(tx, entry('undone'));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await database.transaction((tx) => writeAudit(tx, entry('done')));
    publisher.noteWritten();
    await until('it is told', () => told().includes('done'));
    expect(told()).toEqual(['done']);
    expect(seen[0]?.entryId).toMatch(/^[0-9a-f-]{36}$/);
    await until('nothing waits any more', async () => (await waiting()) === 0);
  });

  it('is told once although several carry, also one that a process left behind when it died', async () => {
    seen.length = 0;
    // Left behind by a process that died after its commit.
    const actions = Array.from({ length: 450 }, (_, n) => `n${n}`);
    await database.transaction(async (tx) => {
      for (const action of actions) await writeAudit(tx, entry(action));
    });
    const carriers = [1, 2, 3].map(() => new AuditPublisher(database, kafka, log));
    for (const carrier of carriers) carrier.publishSoon();
    await until('nothing waits any more', async () => (await waiting()) === 0);
    await until('all are told', () => seen.length >= actions.length);
    expect(told().sort()).toEqual([...actions].sort());
    expect(new Set(seen.map((one) => one.entryId)).size).toBe(actions.length);
  });
});
