import { RelayKafka } from '@relay/kafka';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from './free-port.js';
import { fileScope, type TestScope } from './scope.js';
import { testDatabase } from './test-database.js';
import { testKafka, type TestKafka } from './test-kafka.js';

/** A scope that the test ends by hand. */
function handScope(state: 'pass' | 'fail'): TestScope & { end(): Promise<void> } {
  const cleanUps: (() => Promise<void> | void)[] = [];
  return {
    task: { name: 'by hand', result: { state } },
    onTestFinished: (cleanUp) => void cleanUps.push(cleanUp),
    async end() {
      for (const cleanUp of cleanUps.reverse()) await cleanUp();
    },
  };
}

async function databases(): Promise<string[]> {
  const client = new Client({ connectionString: process.env['DATABASE_URL'] });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
  await client.end();
  return rows.map((row) => row.datname);
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

describe('databases for tests', () => {
  it('are of their own and gone afterwards, even while a connection is open', async () => {
    const scope = handScope('pass');
    const { url } = await testDatabase(scope, 'tenant-registry');
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    expect(await databases()).toContain(nameOf(url));
    await scope.end();
    expect(await databases()).not.toContain(nameOf(url));
  });

  it('are kept when the test failed', async () => {
    const failed = handScope('fail');
    const { url } = await testDatabase(failed);
    await failed.end();
    expect(await databases()).toContain(nameOf(url));
    const client = new Client({ connectionString: process.env['DATABASE_URL'] });
    await client.connect();
    await client.query(`drop database ${nameOf(url)}`);
    await client.end();
  });
});

describe('topics for tests', () => {
  const file = fileScope();
  let kept: TestKafka;
  beforeAll(async () => {
    kept = await testKafka(file);
  });

  it('have a prefix of their own and are gone afterwards', async () => {
    const scope = handScope('pass');
    const { settings, prefix } = await testKafka(scope);
    expect(prefix).not.toBe(kept.prefix);
    const spec = { name: 'x.v1', partitionedBy: 'key', writers: ['gateway'], readers: [], config: {} } as const;
    const kafka = new RelayKafka({ service: 'gateway', settings, topics: [spec] });
    scope.onTestFinished(() => kafka.close());
    await kafka.topicsReady();
    expect((await kafka.endOffsets('x.v1')).size).toBe(4);
    await scope.end();
    const { deleteTopics } = await import('@relay/kafka');
    expect(await deleteTopics(settings, prefix)).toEqual([]);
  });
});

describe('free ports', () => {
  const servers = new Set<ReturnType<typeof createServer>>();
  afterAll(() => servers.forEach((server) => server.close()));

  it('lie below those of outgoing connections, are free, and never come twice', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) {
      expect(port).toBeLessThan(32_768);
      await new Promise<void>((resolve, reject) => {
        const server = createServer().once('error', reject).listen(port, '127.0.0.1', resolve);
        servers.add(server);
      });
    }
  });
});
