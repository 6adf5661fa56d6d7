import { createRequire } from 'node:module';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, it } from 'vitest';
import { patchHalfConnections } from './half-connection-patch.js';
import { PATCHED_KAFKAJS } from './idle-timer-patch.js';
import { silentLog } from './ports.js';

const servers: Server[] = [];
const connections: Socket[] = [];
afterEach(async () => {
  for (const socket of connections.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** Takes connections and says nothing, as a broker that hangs. */
async function silentBroker(): Promise<string> {
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the patch of half connections', () => {
  it('is made for the version that is installed', () => {
    expect((createRequire(import.meta.url)('kafkajs/package.json') as { version: string }).version).toBe(
      PATCHED_KAFKAJS,
    );
    expect(patchHalfConnections(silentLog)).toBe(true);
  });

  it('begins anew after a broker that took the connection and never answered', async () => {
    patchHalfConnections(silentLog);
    const retry = { retries: 0 };
    const options = {
      brokers: [await silentBroker()],
      retry,
      connectionTimeout: 200,
      requestTimeout: 200,
      logLevel: logLevel.NOTHING,
    };
    const producer = new Kafka(options).producer({ retry });
    await expect(producer.connect()).rejects.toThrow(/timed out/);
    await expect(producer.connect()).rejects.toThrow(/timed out/);
    expect(connections).toHaveLength(2);
    await producer.disconnect();
  });

  it('leaves another version alone and says so', () => {
    const warnings: string[] = [];
    const other = () => ({ version: '9.9.9' });
    expect(patchHalfConnections({ ...silentLog, warn: (_, message) => void warnings.push(message) }, other)).toBe(
      false,
    );
    expect(warnings).toHaveLength(1);
  });
});
