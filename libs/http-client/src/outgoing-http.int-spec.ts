import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HostAllowList } from './host-allow-list.js';
import { OutgoingHttp, type OutgoingHttpOptions, type OutgoingRequest } from './outgoing-http.js';
import type { Reply } from './reply.js';

async function listening(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(handler);
  onTestFinished(() => server.closeAllConnections());
  return listening(server);
}

async function serveRaw(handler: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  onTestFinished(() => open.forEach((socket) => socket.destroy()));
  return listening(
    createTcpServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      handler(socket);
    }),
  );
}

function client(options: Partial<OutgoingHttpOptions> = {}): OutgoingHttp {
  const http = new OutgoingHttp({
    allow: null,
    allowHttp: true,
    attemptTimeoutMs: 5000,
    connectionsPerHost: 4,
    ...options,
  });
  onTestFinished(() => http.close());
  return http;
}

const get = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: 'GET',
  url,
  route: '/r',
  ...more,
});

function answered(reply: Reply): Extract<Reply, { kind: 'response' }> {
  if (reply.kind !== 'response') throw new Error(`no answer: ${reply.fault} ${reply.detail}`);
  return reply;
}

describe('answers', () => {
  it('come with status, headers and text, whatever the status', async () => {
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.writeHead(418, { 'x-a': ['1', '2'], 'content-type': 'text/plain' });
        response.end(`${request.method} ${request.url} ${String(request.headers['x-in'])} ${body}`);
      });
    });
    const reply = answered(
      await client().send({
        method: 'POST',
        url: `http://127.0.0.1:${port}/a/?b=%2B`,
        route: '/a/',
        headers: { 'x-in': 'y' },
        body: 'ä',
      }),
    );
    expect(reply).toMatchObject({ status: 418, text: 'POST /a/?b=%2B y ä', wellEncoded: true });
    expect(reply.headers['x-a']).toBe('1, 2');
    expect(Math.abs(Date.now() - reply.startedAt)).toBeLessThan(5000);
  });

  it('that are redirects are not followed', async () => {
    let calls = 0;
    const port = await serve((_request, response) => {
      calls += 1;
      response.writeHead(301, { location: '/elsewhere' }).end();
    });
    expect(answered(await client().send(get(`http://127.0.0.1:${port}/x`))).status).toBe(301);
    expect(calls).toBe(1);
  });

  it('that are not UTF-8 are marked', async () => {
    const port = await serve((_request, response) => response.end(Buffer.from([0x22, 0xff, 0x22])));
    expect(answered(await client().send(get(`http://127.0.0.1:${port}/`))).wellEncoded).toBe(false);
  });
});

describe('no answer', () => {
  const noAnswer = (fault: string, sent: boolean) => ({ kind: 'no-answer', fault, sent });

  it('from a closed port was not sent', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    server.close();
    expect(await client().send(get(`http://127.0.0.1:${port}/`))).toMatchObject(noAnswer('connect', false));
  });

  it('from a name that is not known was not sent', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    };
    expect(await client({ resolve }).send(get('http://gone.example/'))).toMatchObject(noAnswer('dns', false));
  });

  it('in time may have been sent', async () => {
    const port = await serve(() => undefined);
    const reply = await client().send(get(`http://127.0.0.1:${port}/`, { timeoutMs: 150 }));
    expect(reply).toMatchObject(noAnswer('timeout', true));
    expect(reply.tookMs).toBeLessThan(3000);
  });

  it('in time while the body dribbles counts the whole attempt', async () => {
    const port = await serve((_request, response) => {
      response.write('{');
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const reply = await client({ attemptTimeoutMs: 200 }).send(get(`http://127.0.0.1:${port}/`));
    expect(reply).toMatchObject(noAnswer('timeout', true));
  });

  it('from a connection that breaks after the request was sent', async () => {
    const port = await serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await client().send(get(`http://127.0.0.1:${port}/`))).toMatchObject(noAnswer('reset', true));
  });

  it('from a body that ends early or is no HTTP', async () => {
    const short = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')),
    );
    expect(await client().send(get(`http://127.0.0.1:${short}/`))).toMatchObject(noAnswer('reset', true));
    const garbage = await serveRaw((socket) => socket.once('data', () => socket.end('GARBAGE\r\n\r\n')));
    expect(await client().send(get(`http://127.0.0.1:${garbage}/`))).toMatchObject(noAnswer('reset', true));
  });

  it('from a server without TLS where TLS is asked', async () => {
    const port = await serveRaw((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await client().send(get(`https://127.0.0.1:${port}/`))).toMatchObject(noAnswer('tls', false));
  });

  it('larger than allowed is cut off', async () => {
    const port = await serve((_request, response) => response.end('a'.repeat(100_000)));
    expect(await client().send(get(`http://127.0.0.1:${port}/`, { maxBytes: 50_000 }))).toMatchObject(
      noAnswer('too-large', true),
    );
  });

  it('after an abort, before and during the call', async () => {
    const arrived = Promise.withResolvers<void>();
    const port = await serve(() => arrived.resolve());
    const leaving = new AbortController();
    const running = client().send(get(`http://127.0.0.1:${port}/`, { signal: leaving.signal }));
    await arrived.promise;
    leaving.abort();
    expect(await running).toMatchObject(noAnswer('aborted', true));
    const late = await client().send(get(`http://127.0.0.1:${port}/`, { signal: leaving.signal }));
    expect(late).toMatchObject(noAnswer('aborted', false));
  });

  it('leaves the connection pool usable', async () => {
    let first = true;
    const port = await serve((_request, response) => {
      if (first) first = false;
      else response.end('ok');
    });
    const http = client({ connectionsPerHost: 1 });
    await http.send(get(`http://127.0.0.1:${port}/`, { timeoutMs: 100 }));
    expect(answered(await http.send(get(`http://127.0.0.1:${port}/`))).text).toBe('ok');
  });
});

describe('hosts', () => {
  const refused = { kind: 'no-answer', fault: 'refused-host', sent: false };

  it('that are not listed, not https, or hold a user name are never called', async () => {
    let calls = 0;
    const port = await serve((_request, response) => {
      calls += 1;
      response.end();
    });
    const allow = HostAllowList.parse(['a.example', `127.0.0.1:${port}`]);
    const strict = client({ allow, allowHttp: false });
    for (const url of [
      'https://b.example/',
      `http://127.0.0.1:${port}/`,
      'https://a@a.example/',
      'https://a.example:444/',
      'no url',
      'ftp://a.example/',
    ]) {
      expect(await strict.send(get(url))).toMatchObject(refused);
    }
    expect(calls).toBe(0);
    expect(answered(await client({ allow }).send(get(`http://127.0.0.1:${port}/`))).status).toBe(200);
  });

  it('that are names must not lead to this machine or a private network', async () => {
    const port = await serve((_request, response) => response.end());
    const resolve = async () => ['127.0.0.1', '10.0.0.1'];
    const wildcard = client({ allow: HostAllowList.parse([`*.example.org:${port}`]), resolve });
    expect(await wildcard.send(get(`http://a.example.org:${port}/`))).toMatchObject(refused);
    const literal = HostAllowList.parse([`a.example.org:${port}`]);
    expect(await client({ allow: literal, resolve }).send(get(`http://a.example.org:${port}/`))).toMatchObject(refused);
    const simulator = client({ allow: literal, privateNames: true, resolve });
    expect(answered(await simulator.send(get(`http://a.example.org:${port}/`))).status).toBe(200);
  });

  it('are looked up once: the connection goes to the address that was checked, under the name that was asked', async () => {
    let seen: string | undefined;
    const port = await serve((request, response) => {
      seen = request.headers.host;
      response.end();
    });
    let looked = 0;
    const resolve = async () => (looked++ === 0 ? ['127.0.0.1'] : ['192.0.2.1']);
    const allow = HostAllowList.parse([`twin.example.org:${port}`]);
    const http = client({ allow, privateNames: true, resolve });
    expect(answered(await http.send(get(`http://twin.example.org:${port}/`))).status).toBe(200);
    expect([seen, looked]).toEqual([`twin.example.org:${port}`, 1]);
  });

  it('with several addresses are tried in turn', async () => {
    const port = await serve((_request, response) => response.end('second'));
    const resolve = async () => ['127.0.0.9', '127.0.0.1'];
    const http = client({ allow: null, resolve });
    expect(answered(await http.send(get(`http://twin.example.org:${port}/`))).text).toBe('second');
  });
});

describe('a request with an instant to be sent by', () => {
  it('is not written after it, and says that nothing was sent', async () => {
    let seen = 0;
    const port = await serve((_request, response) => {
      seen += 1;
      response.end('ok');
    });
    const http = client();
    const url = `http://127.0.0.1:${port}/`;
    expect(await http.send(get(url, { sendBy: Date.now() - 1 }))).toMatchObject({
      kind: 'no-answer',
      fault: 'timeout',
      sent: false,
    });
    expect(answered(await http.send(get(url, { sendBy: Date.now() + 10_000 }))).status).toBe(200);
    expect(seen).toBe(1);
  });
});

describe('a process that stands still', () => {
  it('reads the answer that has come meanwhile before it gives up', async () => {
    const server = spawn(process.execPath, [
      '-e',
      `const { createServer } = require('node:http');
       const server = createServer((_, response) => setTimeout(() => response.end('came meanwhile'), 200));
       server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    ]);
    onTestFinished(() => void server.kill());
    const port = await new Promise<string>((resolve) => {
      server.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
    });
    const http = client();
    // The connection is there: what stands still is the waiting for the answer.
    await http.send(get(`http://127.0.0.1:${port}/`));
    const answer = http.send(get(`http://127.0.0.1:${port}/`, { timeoutMs: 500 }));
    const pauser = spawn('sh', ['-c', `sleep 0.1; kill -STOP ${process.pid}; sleep 1.5; kill -CONT ${process.pid}`]);
    await once(pauser, 'exit');
    expect(answered(await answer).text).toBe('came meanwhile');
  });
});
