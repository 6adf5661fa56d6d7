import { performance } from 'node:perf_hooks';
import { Agent } from 'undici';
import { ReplyCollector, type Collected } from './collect-reply.js';
import { guardedConnector, listedHost, type Resolve } from './guarded-connector.js';
import type { HostAllowList } from './host-allow-list.js';
import { codeOf, faultOf, type NoAnswerFault, type Reply } from './reply.js';
import { staysBelow } from './stays-below.js';

export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  /** Template of the path for logs and metrics; the path itself is never printed. */
  readonly route: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  /** Unix milliseconds: not written to a socket after this. For requests that somebody else repeats then. */
  readonly sendBy?: number;
  readonly signal?: AbortSignal;
  readonly maxBytes?: number;
  /** Address, ending in a slash, that this one must stay below: whatever a vendor put into it. */
  readonly below?: string;
}

/** The part of the service's log that is used here. */
export interface HttpLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
}
/** The part of the service's metrics that is used here. */
export interface HttpMetrics {
  histogram(config: {
    name: string;
    help: string;
    labelNames: ('method' | 'route' | 'outcome')[];
    buckets: number[];
  }): {
    observe(labels: Record<'method' | 'route' | 'outcome', string>, value: number): void;
  };
}

export interface OutgoingHttpOptions {
  /** Null: hosts come from the configuration and are not checked. */
  readonly allow: HostAllowList | null;
  /** Plain http, to this machine and private networks only. */
  readonly allowHttp: boolean;
  /** Names listed without `*` may lead to private addresses; default: only what is listed as an address. */
  readonly privateNames?: boolean;
  /** One attempt, from look-up to the last byte. */
  readonly attemptTimeoutMs: number;
  readonly connectionsPerHost: number;
  readonly log?: HttpLog;
  readonly metrics?: HttpMetrics;
  /** Name look-up; tests give their own. */
  readonly resolve?: Resolve;
}

/** A page of a hundred records with all members is a few megabytes at most. */
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
/** A server that does not answer a SYN in this time will not answer the request in time either. */
const CONNECT_TIMEOUT_MS = 10_000;

class Timeout extends Error {
  readonly code = 'ETIMEDOUT';
}
class Aborted extends Error {
  readonly code = 'aborted';
}

/**
 * One attempt at a time over pooled connections. Never follows a redirect, never throws for what a server or a network
 * does, and connects only to addresses that the allow list permits.
 */
export class OutgoingHttp {
  private readonly agent: Agent;
  private readonly observe: ReturnType<HttpMetrics['histogram']> | null;

  constructor(private readonly options: OutgoingHttpOptions) {
    this.agent = new Agent({
      connect: guardedConnector({
        allow: options.allow,
        privateNames: options.privateNames ?? false,
        connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, options.attemptTimeoutMs),
        ...(options.resolve ? { resolve: options.resolve } : {}),
      }),
      connections: options.connectionsPerHost,
      pipelining: 1,
      // The attempt has a limit of its own, over everything.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.observe =
      options.metrics?.histogram({
        name: 'relay_outgoing_http_seconds',
        help: 'Time of calls to vendors',
        labelNames: ['method', 'route', 'outcome'],
        buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      }) ?? null;
  }

  async send(request: OutgoingRequest): Promise<Reply> {
    const startedAt = Date.now();
    const begun = performance.now();
    const reply = await this.attempt(request, startedAt, () => Math.round(performance.now() - begun));
    const outcome = reply.kind === 'response' ? String(reply.status) : reply.fault;
    this.observe?.observe({ method: request.method, route: request.route, outcome }, reply.tookMs / 1000);
    this.options.log?.debug(
      { method: request.method, route: request.route, outcome, tookMs: reply.tookMs },
      'vendor call',
    );
    return reply;
  }

  /** Ends running attempts and closes all connections. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async attempt(request: OutgoingRequest, startedAt: number, took: () => number): Promise<Reply> {
    const none = (fault: NoAnswerFault, sent: boolean, detail: string): Reply => {
      return { kind: 'no-answer', fault, sent, detail, tookMs: took(), startedAt };
    };
    const url = URL.parse(request.url);
    const refused = url === null ? 'the address cannot be read' : this.refusal(url, request.below);
    if (url === null || refused !== null) return none('refused-host', false, refused ?? '');
    if (request.signal?.aborted) return none('aborted', false, 'aborted before it began');
    const collector = new ReplyCollector(request.maxBytes ?? DEFAULT_MAX_BYTES, request.sendBy);
    try {
      const collected = await this.run(url, request, collector);
      return { kind: 'response', ...decoded(collected), tookMs: took(), startedAt };
    } catch (error) {
      if (error instanceof Aborted) return none('aborted', collector.sent, 'aborted by the caller');
      const fault = faultOf(error, collector.sent);
      return none(fault, collector.sent, error instanceof Timeout ? error.message : codeOf(error));
    }
  }

  /** Why this address may not be called, or null. */
  private refusal(url: URL, below: string | undefined): string | null {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && this.options.allowHttp)) return 'not https';
    if (url.username || url.password) return 'the address holds a user name or password';
    if (below !== undefined && !staysBelow(url, below)) return 'the address leaves the part of the host it belongs to';
    const listed = listedHost(url.protocol, url.hostname, url.port);
    return this.options.allow === null || this.options.allow.allows(listed)
      ? null
      : 'the host is not in the allow list';
  }

  private async run(url: URL, request: OutgoingRequest, collector: ReplyCollector): Promise<Collected> {
    const limit = request.timeoutMs ?? this.options.attemptTimeoutMs;
    const stop = timeOut(limit, () => collector.abort(new Timeout(`no complete answer in ${limit} ms`)));
    const onAbort = () => collector.abort(new Aborted('aborted'));
    request.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.agent.dispatch(
        {
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: request.method,
          headers: { ...request.headers },
          body: request.body ?? null,
        },
        collector,
      );
      return await collector.done;
    } finally {
      stop();
      request.signal?.removeEventListener('abort', onAbort);
    }
  }
}

/** A timer that rings so late says that the process stood still: paused, or without a processor. */
const STOOD_STILL_MS = 250;
/** Time to read what has arrived meanwhile. */
const READ_UP_MS = 1000;

/**
 * Calls back when the time is over; returns how to stop that. After the process has stood still, timers ring before anything
 * is read: an answer that lies there already must not be thrown away for that, it may be the only one there will ever be.
 */
function timeOut(limitMs: number, ring: () => void): () => void {
  const end = performance.now() + limitMs;
  let timer = setTimeout(() => {
    if (performance.now() - end < STOOD_STILL_MS) ring();
    else timer = setTimeout(ring, READ_UP_MS);
  }, limitMs);
  return () => clearTimeout(timer);
}

function decoded(collected: Collected): {
  status: number;
  headers: Record<string, string>;
  text: string;
  wellEncoded: boolean;
} {
  const { status, headers, body } = collected;
  try {
    return { status, headers, text: new TextDecoder('utf-8', { fatal: true }).decode(body), wellEncoded: true };
  } catch {
    return { status, headers, text: new TextDecoder('utf-8').decode(body), wellEncoded: false };
  }
}
