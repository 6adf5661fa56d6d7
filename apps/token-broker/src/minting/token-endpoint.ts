import { parseTenantId } from '@relay/contracts';
import { OutgoingHttp, type HttpLog, type HttpMetrics } from '@relay/http-client';
import { exactWalls, provetWalls } from '@relay/service-kit';
import type { Connection } from '../credentials/connection.js';
import { ExactTokenAddress } from '../exact/token-address.js';
import { CLIENT_AUTHENTICATION, type ClientAuthentication } from './client-authentication.js';
import { harmlessRead, readAnswerOf, type ReadAnswer } from './harmless-read.js';
import { readTokenAnswer, type TokenAnswer } from './token-answer.js';
import { buildRevokeRequest, revokeAnswerOf, type Revocable, type RevokeAnswer } from './revoke-request.js';
import type { TokenPace } from './token-pace.js';
import { buildTokenRequest, type TokenAsk } from './token-request.js';

/** A token answer is a few kilobytes; more is no token answer. */
const MAX_BYTES = 256 * 1024;
/** A page of one department is small; a vendor's list of all subscriptions may not be. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
/** Tokens are asked for rarely: two connections a host are plenty. */
const CONNECTIONS_PER_HOST = 2;

const NEVER = new AbortController().signal;

export interface TokenEndpointOptions {
  readonly allowedHosts: readonly string[];
  readonly allowHttp: boolean;
  readonly attemptTimeoutMs: number;
  readonly exactApiUrl: string;
  /** Empty while EXACT is off. */
  readonly exactAuthorityUrl: string;
  /** Empty: the identity server names it. */
  readonly exactTokenUrl: string;
  readonly pace: TokenPace;
  readonly log: HttpLog;
  readonly metrics: HttpMetrics;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Unix milliseconds: not sent after this. */
  readonly sendBy?: number;
}

/** Asks vendors for tokens. Provet's hosts are checked against the allow list again here, at use. */
export class TokenEndpoint {
  private readonly provet: OutgoingHttp;
  private readonly exact: OutgoingHttp;
  private readonly exactAddress: ExactTokenAddress;
  /** By credential id: how the vendor has known the client. */
  private readonly takes = new Map<string, ClientAuthentication>();

  constructor(private readonly options: TokenEndpointOptions) {
    const common = {
      attemptTimeoutMs: options.attemptTimeoutMs,
      connectionsPerHost: CONNECTIONS_PER_HOST,
      log: options.log,
      metrics: options.metrics,
    };
    this.provet = new OutgoingHttp({ ...common, ...provetWalls(options.allowedHosts, options.allowHttp) });
    const { exactApiUrl, exactAuthorityUrl, exactTokenUrl } = options;
    this.exact = new OutgoingHttp({ ...common, ...exactWalls([exactApiUrl, exactAuthorityUrl, exactTokenUrl]) });
    this.exactAddress = new ExactTokenAddress({
      tokenUrl: exactTokenUrl,
      authorityUrl: exactAuthorityUrl,
      send: (request) => this.exact.send(request),
      log: options.log,
    });
  }

  /** Waits for the host's pace. To be called before `ask`, and before a spend is announced. */
  async ready(connection: Connection, signal: AbortSignal): Promise<void> {
    await this.options.pace.turn(connection.host ?? 'exact', signal);
  }

  /**
   * Asks once, and once more where the vendor does not know the client by the first way of proving itself: that is found out
   * before anything of the grant is looked at, so nothing has been spent.
   */
  async ask(connection: Connection, ask: TokenAsk, options: AskOptions = {}): Promise<TokenAnswer> {
    const ways = this.waysFor(connection);
    let answer: TokenAnswer | null = null;
    for (const how of ways) {
      if (answer !== null) await this.ready(connection, options.signal ?? NEVER);
      answer = await this.askBy(how, connection, ask, options);
      if (answer.kind === 'granted') this.takes.set(connection.credentialId, how);
      if (answer.kind !== 'rejected' || answer.code !== 'invalid_client') return answer;
    }
    return answer as TokenAnswer;
  }

  /** The one that worked last comes first: a vendor that counts failed logins must not be given one with every token. */
  private waysFor({ credentialId, host, secret }: Connection): readonly ClientAuthentication[] {
    if (secret === null) return ['body'];
    const ways: readonly ClientAuthentication[] = CLIENT_AUTHENTICATION[host === null ? 'exact' : 'provet'];
    const known = this.takes.get(credentialId);
    return known === undefined ? ways : [known, ...ways.filter((how) => how !== known)];
  }

  private async askBy(
    how: ClientAuthentication,
    connection: Connection,
    ask: TokenAsk,
    options: AskOptions,
  ): Promise<TokenAnswer> {
    const fromEnvironment = connection.source === 'environment';
    const tokenUrl = fromEnvironment ? await this.exactAddress.current() : connection.tokenUrl;
    const reply = await this.paced(connection, options.signal, () =>
      this.httpFor(connection).send({
        ...buildTokenRequest({ ...connection, tokenUrl }, ask, how),
        ...ownAddresses(connection),
        route: fromEnvironment ? '/connect/token' : '/{provet_id}/oauth2/token/',
        maxBytes: MAX_BYTES,
        ...options,
      }),
    );
    return readTokenAnswer(reply, Date.now());
  }

  private paced<T>(connection: Connection, signal: AbortSignal | undefined, send: () => Promise<T>): Promise<T> {
    return this.options.pace.send(connection.host ?? 'exact', signal ?? NEVER, send);
  }

  /** Tries a token on a read that changes nothing. */
  async read(connection: Connection, accessToken: string, signal: AbortSignal): Promise<ReadAnswer> {
    const request = harmlessRead(connection, this.options.exactApiUrl, accessToken);
    const reply = await this.httpFor(connection).send({
      ...request,
      ...ownAddresses(connection),
      maxBytes: MAX_READ_BYTES,
      signal,
    });
    return readAnswerOf(reply, Date.now());
  }

  /** Makes a token good for nothing. Again in the other way of proving itself where the client is not known by the first. */
  async revoke(connection: Connection, revocable: Revocable, signal: AbortSignal): Promise<RevokeAnswer> {
    let answer: RevokeAnswer = { kind: 'failed', detail: 'not-asked', retryAfterMs: null };
    for (const how of this.waysFor(connection)) {
      await this.ready(connection, signal);
      const request = buildRevokeRequest(connection, revocable, how);
      const route = '/{provet_id}/oauth2/revoke_token/';
      const reply = await this.paced(connection, signal, () =>
        this.httpFor(connection).send({
          ...request,
          ...ownAddresses(connection),
          route,
          maxBytes: MAX_BYTES,
          signal,
        }),
      );
      answer = revokeAnswerOf(reply, Date.now());
      if (answer.kind !== 'refused' || (answer.status !== 400 && answer.status !== 401)) return answer;
    }
    return answer;
  }

  async close(): Promise<void> {
    await Promise.all([this.provet.close(), this.exact.close()]);
  }

  private httpFor(connection: Connection): OutgoingHttp {
    return connection.source === 'environment' ? this.exact : this.provet;
  }
}

/** Whatever stands in the row: a tenant's secret and tokens go nowhere but to the tenant's own part of its host. */
function ownAddresses({ tenantId, tokenUrl }: Connection): { readonly below?: string } {
  const tenant = parseTenantId(tenantId);
  if (tenant?.vendor !== 'provet') return {};
  return { below: `${new URL(tokenUrl).protocol}//${tenant.host}/${tenant.provetId}/` };
}
