import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Problem } from '@relay/service-kit';
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import { ChangeFeed } from './change-feed.js';

/** One for each open page; bounds memory and sockets. */
const MOST_STREAMS = 500;
/** Keeps proxies from closing a quiet stream, and finds out when it has no right to go on. */
const BEAT_MS = 15_000;
/** A reader that is so far behind is cut off: its page connects again and reads the list anew. */
const MOST_WAITING_BYTES = 1_048_576;

/** Server-sent events (WHATWG HTML, 9.2): each change is one `change` event. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<ServerResponse>();

  constructor(private readonly feed: ChangeFeed) {}

  /** Turns the answer into a stream. `mayGoOn` is asked at every beat. */
  start(reply: FastifyReply, mayGoOn: () => Promise<boolean>): void {
    if (this.open.size >= MOST_STREAMS) {
      throw new Problem(503, {
        code: 'too-many-pages',
        detail: 'too many pages are open',
        headers: { 'retry-after': '30' },
      });
    }
    // From here on the answer is ours; the headers that hooks have set must still go out.
    const headers = reply.getHeaders();
    reply.hijack();
    const { raw } = reply;
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 2000\n\n');
    this.run(raw, mayGoOn);
  }

  /** Open streams would hold the shutdown up: they end first, and the pages connect to whoever comes next. */
  beforeApplicationShutdown(): void {
    for (const raw of this.open) raw.end();
  }

  private run(raw: ServerResponse, mayGoOn: () => Promise<boolean>): void {
    this.open.add(raw);
    const stop = this.feed.listen((change) => {
      raw.write(`event: change\ndata: ${JSON.stringify(change)}\n\n`);
      if (raw.writableLength > MOST_WAITING_BYTES) raw.destroy();
    });
    const beat = setInterval(() => {
      raw.write(': still here\n\n');
      void mayGoOn().then((yes) => (yes ? undefined : raw.end()));
    }, BEAT_MS);
    raw.once('close', () => {
      clearInterval(beat);
      stop();
      this.open.delete(raw);
    });
    raw.on('error', () => raw.destroy());
  }
}
