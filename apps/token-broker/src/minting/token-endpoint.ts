import { HostAllowList, OutgoingHttp, type HttpLog, type HttpMetrics } from '@relay/http-client';
import type { Connection } from '../credentials/connection.js';
import { readTokenAnswer, type TokenAnswer } from './token-answer.js';
import { buildTokenRequest } from './token-request.js';

/** A token answer is a few kilobytes; more is no token answer. */
const MAX_BYTES = 256 * 1024;
/** Tokens are asked for rarely: two connections a host are plenty. */
const CONNECTIONS_PER_HOST = 2;

export interface TokenEndpointOptions {
  readonly allowedHosts: readonly string[];
  readonly allowHttp: boolean;
  readonly attemptTimeoutMs: number;
  readonly log: HttpLog;
  readonly metrics: HttpMetrics;
}

/** Asks vendors for tokens. Provet's hosts are checked against the allow list again here, at use. */
export class TokenEndpoint {
  private readonly provet: OutgoingHttp;
  private readonly exact: OutgoingHttp;

  constructor(options: TokenEndpointOptions) {
    const common = {
      attemptTimeoutMs: options.attemptTimeoutMs,
      connectionsPerHost: CONNECTIONS_PER_HOST,
      log: options.log,
      metrics: options.metrics,
    };
    const allow = HostAllowList.parse(options.allowedHosts);
    this.provet = new OutgoingHttp({ ...common, allow, allowHttp: options.allowHttp });
    // The configuration has already refused plain http to anything but this machine.
    this.exact = new OutgoingHttp({ ...common, allow: null, allowHttp: true });
  }

  async ask(connection: Connection, signal: AbortSignal): Promise<TokenAnswer> {
    const fromEnvironment = connection.source === 'environment';
    const http = fromEnvironment ? this.exact : this.provet;
    const reply = await http.send({
      ...buildTokenRequest(connection),
      route: fromEnvironment ? '/connect/token' : '/{provet_id}/oauth2/token/',
      maxBytes: MAX_BYTES,
      signal,
    });
    return readTokenAnswer(reply, Date.now());
  }

  async close(): Promise<void> {
    await Promise.all([this.provet.close(), this.exact.close()]);
  }
}
