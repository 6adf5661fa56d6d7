import { hostOf } from '@relay/contracts';
import { OutgoingHttp, type HttpLog, type HttpMetrics, type Reply } from '@relay/http-client';
import { provetWalls } from '@relay/service-kit';
import type { JSONWebKeySet } from 'jose';
import type { Connection } from '../credentials/connection.js';
import { shownText, nameOf, type Person } from './id-token.js';
import { readDiscovery, type OpenIdProvider } from './openid-provider.js';

/** Discovery documents and key sets are a few kilobytes. */
const MAX_BYTES = 256 * 1024;

/** The provider gave no answer that could be used; another try may be luckier. */
export class ProviderAway extends Error {
  readonly code = 'provider-away';
  readonly retryable = true;

  constructor(what: string, detail: string) {
    super(`${what}: ${detail}`);
    this.name = 'ProviderAway';
  }
}

export interface ProviderCallsOptions {
  readonly allowedHosts: readonly string[];
  readonly allowHttp: boolean;
  readonly attemptTimeoutMs: number;
  readonly log: HttpLog;
  readonly metrics: HttpMetrics;
}

/** Reads of a tenant's OpenID provider. Every host is checked against the allow list here, at use; redirects are not followed. */
export class ProviderCalls {
  private readonly http: OutgoingHttp;
  private readonly walls: ReturnType<typeof provetWalls>;

  constructor({ allowedHosts, allowHttp, ...options }: ProviderCallsOptions) {
    this.walls = provetWalls(allowedHosts, allowHttp);
    this.http = new OutgoingHttp({ ...options, ...this.walls, connectionsPerHost: 2 });
  }

  /** Whether a person may be sent to this address: it is not called from here, so nothing else would check it. */
  maySendTo(address: string): boolean {
    const url = URL.parse(address);
    if (url === null || url.username !== '' || url.password !== '') return false;
    const encrypted = url.protocol === 'https:' || (url.protocol === 'http:' && this.walls.allowHttp);
    return encrypted && this.walls.allow?.allows(hostOf(url)) === true;
  }

  async discover(connection: Connection, signal: AbortSignal): Promise<OpenIdProvider> {
    const url = connection.consent?.discoveryUrl ?? '';
    return readDiscovery(await this.get(url, 'openid discovery', signal), connection);
  }

  async jwks(provider: OpenIdProvider, signal: AbortSignal): Promise<JSONWebKeySet> {
    const set = parsed(await this.get(provider.jwksUri, 'openid keys', signal));
    if (!Array.isArray(set?.['keys'])) throw new ProviderAway('openid keys', 'no key set');
    return set as unknown as JSONWebKeySet;
  }

  /**
   * A name for a person whose id token has none. Only for the same subject (OpenID Connect Core §5.3.2). Null: it is not to
   * be had, which is no reason to refuse a consent.
   */
  async nameOf(person: Person, provider: OpenIdProvider, accessToken: string, signal: AbortSignal): Promise<string> {
    const fallback = shownText(person.subject);
    if (provider.userinfoUrl === null) return fallback;
    try {
      const headers = { authorization: `Bearer ${accessToken}` };
      const claims = parsed(await this.get(provider.userinfoUrl, 'openid userinfo', signal, headers));
      return claims?.['sub'] === person.subject ? (nameOf(claims) ?? fallback) : fallback;
    } catch (error) {
      if (error instanceof ProviderAway) return fallback;
      throw error;
    }
  }

  /** Called by the framework when the service ends. */
  onApplicationShutdown(): Promise<void> {
    return this.http.close();
  }

  private async get(
    url: string,
    route: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const accept = { accept: 'application/json' };
    const reply: Reply = await this.http.send({
      method: 'GET',
      url,
      route,
      headers: { ...accept, ...headers },
      maxBytes: MAX_BYTES,
      signal,
    });
    if (reply.kind === 'no-answer') throw new ProviderAway(route, reply.fault);
    if (reply.status !== 200) throw new ProviderAway(route, String(reply.status));
    return reply.text;
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
