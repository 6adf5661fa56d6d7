import { connect } from 'node:net';
import type { KafkaSettings } from '@relay/kafka';
import { webhookKey, webhookSigningKey } from '@relay/contracts';
import { fileScope, testKafka } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { HOST, keys, message, startGateway, type RunningGateway } from '../test-support/running-gateway.js';

const scope = fileScope();
let kafka: KafkaSettings;
let gateway: RunningGateway;
beforeAll(async () => {
  ({ settings: kafka } = await testKafka(scope));
  gateway = await startGateway(scope, kafka);
});

const own = `/hookup/provet/${keys.HOOKUP_SECRET}`;
const JSON_HEAD = 'Host: x\r\nContent-Type: application/json\r\n';

/** Writes pieces to a connection, one after the other, and gives back everything that came until it was closed. */
function raw(pieces: readonly string[], pauseMs: number): Promise<{ text: string; tookMs: number }> {
  return new Promise((resolve) => {
    const started = Date.now();
    const socket = connect(gateway.port, '127.0.0.1');
    let text = '';
    const left = [...pieces];
    const write = () => {
      const next = left.shift();
      if (next !== undefined && socket.writable) socket.write(next);
    };
    const timer = setInterval(write, pauseMs);
    socket.on('connect', write);
    socket.on('data', (data) => (text += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ text, tookMs: Date.now() - started });
    });
  });
}
const many = (piece: string, times: number) => Array<string>(times).fill(piece);

describe('a sender that takes its time', () => {
  it.concurrent.each([
    ['with its headers', [`POST ${own} HTTP/1.1\r\n`, ...many('X-A: b\r\n', 100)]],
    ['with its body', [`POST ${own} HTTP/1.1\r\n${JSON_HEAD}Content-Length: 1000\r\n\r\n`, ...many('{', 100)]],
    [
      'with a body in chunks',
      [`POST ${own} HTTP/1.1\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n`, ...many('1\r\n{\r\n', 100)],
    ],
    [
      'and does not know the secret',
      [`POST /hookup/provet/x HTTP/1.1\r\n${JSON_HEAD}Content-Length: 1000\r\n\r\n`, ...many('{', 100)],
    ],
  ])(
    '%s is cut off after about ten seconds',
    async (_what, pieces) => {
      const { text, tookMs } = await raw(pieces, 500);
      expect(text).toMatch(/^HTTP\/1\.1 (408|404) /);
      // One answer to one request, whatever was sent besides.
      expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
      expect(tookMs).toBeGreaterThan(8_000);
      expect(tookMs).toBeLessThan(16_000);
    },
    30_000,
  );
});

describe('a sender that sends too much', () => {
  it('is stopped when its body, in chunks of unknown length, passes the limit', async () => {
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
    const { text } = await raw(
      [
        `POST ${own} HTTP/1.1\r\nConnection: close\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n`,
        ...many(chunk, 40),
      ],
      5,
    );
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each([
    ['an endless address', `POST /hookup/provet/${'a'.repeat(40_000)} HTTP/1.1\r\n${JSON_HEAD}\r\n`],
    ['endless headers', `POST ${own} HTTP/1.1\r\n${JSON_HEAD}X-Long: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['headers without number', `POST ${own} HTTP/1.1\r\n${JSON_HEAD}${'X-Many: a\r\n'.repeat(4_000)}\r\n`],
  ])('is told so about %s', async (_what, head) => {
    const { text } = await raw([head], 50);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('application/problem+json');
  });
});

describe('failures of one source', () => {
  const from = (running: RunningGateway, path: string, client: string) =>
    fetch(`${running.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(message()),
      headers: { 'content-type': 'application/json', 'x-forwarded-for': client },
    });
  const webhook = (key: string) => `/webhooks/provet/${encodeURIComponent(HOST)}/9/1/${key}`;
  const goodKey = webhookKey(webhookSigningKey(keys.WEBHOOK_KEYS), `provet:${HOST}:9`, 1);

  it('are refused with 429 after a hundred a minute, by the address that a trusted proxy names', async () => {
    const running = await startGateway(scope, kafka, { TRUSTED_PROXIES: '127.0.0.1/32' });
    for (let n = 0; n < 50; n++) {
      expect((await from(running, '/hookup/provet/wrong', '192.0.2.1')).status).toBe(404);
      expect((await from(running, webhook('x'.repeat(32)), '192.0.2.1')).status).toBe(404);
    }
    const refused = await from(running, '/hookup/provet/wrong', '192.0.2.1');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect((await from(running, webhook('x'.repeat(32)), '192.0.2.1')).status).toBe(429);
    expect((await from(running, '/hookup/provet/wrong', '192.0.2.2')).status).toBe(404);
    // What is right passes, whatever else came from there.
    expect((await from(running, own, '192.0.2.1')).status).toBe(200);
    const good = { method: 'POST', body: '{"client_id":1}', headers: { 'x-forwarded-for': '192.0.2.1' } };
    expect((await fetch(`${running.url}${webhook(goodKey)}`, good)).status).toBe(200);
  });

  it('count for the connection when nobody is trusted to name another address', async () => {
    const running = await startGateway(scope, kafka);
    for (let n = 0; n < 100; n++) await from(running, '/hookup/provet/wrong', `192.0.2.${n}`);
    expect((await from(running, '/hookup/provet/wrong', '192.0.2.200')).status).toBe(429);
    expect((await from(running, own, '192.0.2.200')).status).toBe(200);
  });
});
