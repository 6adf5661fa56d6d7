import { Health, Log } from '@relay/service-kit';
import { fileScope, freePort, testDatabase, until } from '@relay/testing';
import { createServer, connect as connectTcp, type Socket } from 'node:net';
import { once } from 'node:events';
import type { DataSource } from 'typeorm';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Database } from './database.js';
import { FencedOut, RolledBack, isTransient } from './errors.js';
import { openDatabase } from './open-database.js';
import { Prepared } from './prepared.js';
import { ShardEpochs, leastEpoch } from './shard-epochs.js';
import { shardMigration } from './shard-migration.js';

const scope = fileScope();
const log = Log.create({ service: 'test', level: 'error', format: 'json' });
let url: string;

async function open(
  at = url,
  health = new Health(),
  byKey = false,
): Promise<{ source: DataSource; database: Database }> {
  const source = await openDatabase({
    service: 'provet-sync',
    url: at,
    poolSize: 5,
    byKey,
    migrations: [shardMigration],
    log,
    health,
  });
  return { source, database: new Database(source) };
}

beforeAll(async () => {
  ({ url } = await testDatabase(scope, 'provet-sync'));
});

async function fresh(): Promise<Database> {
  const { source, database } = await open();
  onTestFinished(async () => {
    await database.query('truncate shard');
    await source.destroy();
  });
  return database;
}

describe('Database', () => {
  it('gives rows of every kind of statement, and the limits on what may block', async () => {
    const database = await fresh();
    const rows = await database.query<{ epoch: string }>(
      `insert into shard values (1, 7, 'a', now()) on conflict (shard) do update set epoch = 7 returning epoch`,
    );
    expect(rows).toEqual([{ epoch: '7' }]);
    expect(await database.query(`update shard set owner = 'b' where shard = 1 returning owner`)).toEqual([
      { owner: 'b' },
    ]);
    const limits = await database.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name in ('statement_timeout', 'idle_in_transaction_session_timeout') order by 1`,
    );
    expect(limits.map((limit) => limit.setting)).toEqual(['5000', '30000']);
  });

  it('has a connection parse a prepared statement once, whatever it is given', async () => {
    const database = await fresh();
    const statement = new Prepared('select shard, owner from shard where shard = any($1::int[]) order by shard');
    await database.query(`insert into shard values (1, 7, 'a', now()), (2, 7, 'b', now())`);
    const [given, known] = await database.transaction(async (tx) => [
      [await tx.query(statement, [[1]]), await tx.query(statement, [[2, 1]])],
      await tx.query('select count(*)::int as times from pg_prepared_statements where name = $1', [statement.name]),
    ]);
    expect(given).toEqual([
      [{ shard: 1, owner: 'a' }],
      [
        { shard: 1, owner: 'a' },
        { shard: 2, owner: 'b' },
      ],
    ]);
    expect(known).toEqual([{ times: 1 }]);
  });

  it('finds rows of a table by key that was empty when the statement was planned', async () => {
    const { source, database } = await open(url, new Health(), true);
    onTestFinished(async () => {
      await database.query('drop table many');
      await source.destroy();
    });
    await database.query('create table many (id text primary key, note text)');
    const lookUp = 'select note from unnest($1::text[]) as k(id) join many using (id)';
    await database.transaction(async (tx) => {
      await tx.query('analyze many');
      await tx.query(`prepare found (text[]) as ${lookUp}`);
      for (let use = 0; use < 10; use++) await tx.query(`execute found ('{a,b}')`);
      await tx.query(`insert into many select n::text, 'x' from generate_series(1, 5000) n`);
      const plan = await tx.query<{ 'QUERY PLAN': string }>(`explain execute found ('{1,2}')`);
      expect(plan.map((row) => row['QUERY PLAN']).join(' ')).toMatch(/Nested Loop.*(Index|Bitmap)/);
    });
  });

  it('commits all or nothing', async () => {
    const database = await fresh();
    await database.transaction((tx) => tx.query(`insert into shard values (2, 1, 'kept', now())`));
    const failing = database.transaction(async (tx) => {
      await tx.query(`insert into shard values (3, 1, 'lost', now())`);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await database.query('select owner from shard order by shard')).toEqual([{ owner: 'kept' }]);
  });

  it('does not call a transaction committed whose error was swallowed', async () => {
    const database = await fresh();
    const swallowing = database.transaction(async (tx) => {
      await tx.query(`insert into shard values (4, 1, 'lost', now())`);
      await tx.query('select * from no_such_table').catch(() => []);
    });
    await expect(swallowing).rejects.toThrow(RolledBack);
    expect(await database.query('select 1 from shard where shard = 4')).toEqual([]);
  });

  it('survives the end of its connections, idle and inside a transaction', async () => {
    const database = await fresh();
    const kill = () =>
      database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
    const broken = database.transaction(async (tx) => {
      await tx.query('select 1');
      await kill();
      await tx.query('select 1');
    });
    const error = await broken.catch((reason: unknown) => reason);
    expect(isTransient(error)).toBe(true);
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('ShardEpochs', () => {
  it('fences out who held the shard before', async () => {
    const [one, two] = [new ShardEpochs(await fresh(), 'provet-sync'), new ShardEpochs(await fresh(), 'provet-sync')];
    const first = await one.take(3, 'one');
    expect(await one.fenced(3, first, (tx) => tx.query('select 1 as ok'))).toEqual([{ ok: 1 }]);
    const second = await two.take(3, 'two');
    expect(second).toBe(first + 1);
    expect(await one.current(3)).toBe(second);
    let ran = false;
    const zombie = one.fenced(3, first, async () => void (ran = true));
    await expect(zombie).rejects.toThrow(new FencedOut(3, first, second));
    expect(ran).toBe(false);
    await two.fenced(3, second, (tx) => tx.query('select 1'));
    expect(await two.current(9)).toBe(0);
  });

  it('lets a take wait for a commit that runs, and then fences the next one', async () => {
    const database = await fresh();
    const epochs = new ShardEpochs(database, 'provet-sync');
    const held = await epochs.take(5, 'old');
    const order: string[] = [];
    const inside = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const commit = epochs.fenced(5, held, async (tx) => {
      inside.resolve();
      await finish.promise;
      await tx.query(`update shard set owner = 'still old' where shard = 5`);
      order.push('commit');
    });
    await inside.promise;
    const take = epochs.take(5, 'new').then((epoch) => {
      order.push('take');
      return epoch;
    });
    await until('the take waits for the lock', async () => {
      const waiting = await database.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`);
      return waiting.length === 1;
    });
    finish.resolve();
    await commit;
    expect(await take).toBeGreaterThan(held);
    expect(order).toEqual(['commit', 'take']);
    expect(await database.query('select owner from shard where shard = 5')).toEqual([{ owner: 'new' }]);
  });

  it('fences a commit that had to wait for a take', async () => {
    const database = await fresh();
    const epochs = new ShardEpochs(database, 'provet-sync');
    const held = await epochs.take(6, 'old');
    const taken = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    // A take in slow motion: holds the exclusive lock and has raised the epoch, not yet committed.
    const slowTake = database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(7303, 6)');
      await tx.query('update shard set epoch = epoch + 1 where shard = 6');
      taken.resolve();
      await finish.promise;
    });
    await taken.promise;
    const commit = epochs.fenced(6, held, (tx) => tx.query('select 1')).catch((error: unknown) => error);
    await until('the commit waits for the lock', async () => {
      const waiting = await database.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`);
      return waiting.length === 1;
    });
    finish.resolve();
    await slowTake;
    expect(await commit).toEqual(new FencedOut(6, held, held + 1));
  });

  it('takes the shard from a holder that stands still inside a commit', async () => {
    const database = await fresh();
    const epochs = new ShardEpochs(database, 'provet-sync');
    const held = await epochs.take(7, 'paused');
    const inside = Promise.withResolvers<void>();
    const wake = Promise.withResolvers<void>();
    const paused = epochs
      .fenced(7, held, async (tx) => {
        inside.resolve();
        await wake.promise;
        await tx.query(`update shard set owner = 'zombie' where shard = 7`);
      })
      .catch((error: unknown) => error);
    await inside.promise;
    // The server ends the idle transaction after 5 s; until then the take waits.
    const epoch = await epochs.take(7, 'new');
    wake.resolve();
    expect(isTransient(await paused)).toBe(true);
    expect(await database.query('select owner, epoch from shard where shard = 7')).toEqual([
      { owner: 'new', epoch: String(epoch) },
    ]);
  });

  it('fences who took the shard after the backup that was restored, though the row has forgotten them', async () => {
    const database = await fresh();
    const epochs = new ShardEpochs(database, 'provet-sync');
    await epochs.take(8, 'before the backup');
    const backup = await database.query<{ epoch: string }>('select epoch from shard where shard = 8');
    const forgotten = await epochs.take(8, 'after the backup');
    await database.query('update shard set epoch = $1 where shard = 8', [backup[0]?.epoch]);
    await until('the second is over', async () => {
      const [now] = await database.query<{ ms: string }>('select extract(epoch from clock_timestamp()) * 1000 as ms');
      return leastEpoch(Number(now?.ms)) > forgotten;
    });
    const taken = await epochs.take(8, 'after the restore');
    expect(taken).toBeGreaterThan(forgotten);
    await expect(epochs.fenced(8, forgotten, async () => undefined)).rejects.toThrow(
      new FencedOut(8, forgotten, taken),
    );
  });

  it('gives every taker an epoch of its own', async () => {
    const epochs = new ShardEpochs(await fresh(), 'provet-sync');
    const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => epochs.take(8, `owner ${index}`)));
    expect(new Set(taken).size).toBe(8);
  });
});

describe('openDatabase', () => {
  it('waits while Postgres is away, says so in readiness, and goes on by itself', async () => {
    const port = await freePort();
    const away = new URL(url);
    away.hostname = '127.0.0.1';
    away.port = String(port);
    const health = new Health();
    const opening = open(away.href, health);
    await until('readiness says that the database is away', async () => {
      const { checks } = await health.ready();
      return checks['database']?.detail === 'no connection (ECONNREFUSED)';
    });
    await forward(port, new URL(url));
    const { source } = await opening;
    onTestFinished(() => source.destroy());
    expect((await health.ready()).status).toBe('up');
  });

  it('does not wait for what waiting does not cure', async () => {
    const wrong = new URL(url);
    wrong.pathname = '/no_such_database';
    await expect(open(wrong.href)).rejects.toThrow(/no_such_database/);
  });
});

/** A port that leads to the real server: Postgres coming back. */
async function forward(port: number, target: URL): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connectTcp(Number(target.port), target.hostname);
    for (const socket of [inbound, outbound]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    inbound.pipe(outbound).pipe(inbound);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
