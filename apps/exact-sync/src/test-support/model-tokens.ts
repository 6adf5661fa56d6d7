import type { AccessToken, TokenFeed, TokenSource } from '@relay/sync-engine';
import type { VirtualClock } from '@relay/testing';
import type { ExactTwin } from '@relay/vendor-twins';

export interface ModelClient {
  readonly credentialId: string;
  readonly id: string;
  readonly secret: string;
}

/** How long the broker takes, ms. */
export interface BrokerPace {
  /** From a refusal to what the identity server has answered for it. */
  readonly asksMs: number;
  /** Until who tells of a refusal knows that it is written down. */
  readonly notesMs: number;
}

/**
 * Tokens as the broker gives them: one for each scope set, another one as soon as one is refused. At once, unless it is
 * given a pace.
 */
export class ModelTokens implements TokenSource {
  readonly refusals: number[] = [];
  /** False: the broker gives nothing, as if it could not reach the identity server. */
  isGiving = true;
  /** Null: it takes no time. */
  pace: BrokerPace | null = null;
  /** True: the identity server refuses the client itself, and the broker has said so. */
  isRejected = false;
  private readonly tokens = new Map<string, AccessToken>();
  private readonly asking = new Set<string>();
  private readonly feeds = new Set<Parameters<TokenFeed['onChange']>[0]>();
  private version = 0;

  constructor(
    private readonly twin: ExactTwin,
    private readonly client: ModelClient,
    private readonly clock: VirtualClock,
    /** The client is refused, or is no longer: nothing else of it is news. */
    private readonly changed: () => void,
  ) {}

  /** The topic of tokens, as an engine reads it. */
  readonly feed: TokenFeed = {
    isLoaded: true,
    onChange: (listener) => void this.feeds.add(listener),
    start: () => undefined,
    close: async () => undefined,
  };

  token(credentialId: string, scopes: string): AccessToken | null {
    if (credentialId !== this.client.credentialId) return null;
    const known = this.tokens.get(scopes);
    if (known !== undefined || !this.isGiving || this.asking.has(scopes)) return known ?? null;
    return this.fetch(scopes);
  }

  tokenOf(owner: string, scopes: string): (AccessToken & { readonly credentialId: string }) | null {
    const { credentialId } = this.client;
    const token = credentialId.startsWith(`${owner}/`) ? this.token(credentialId, scopes) : null;
    return token && { ...token, credentialId };
  }

  refused(_owner: string, _credentialId: string, scopes: string, version: number): Promise<void> {
    this.refusals.push(version);
    const isKnown = this.tokens.get(scopes)?.version !== version;
    if (!isKnown) this.tokens.delete(scopes);
    if (this.pace === null || isKnown) return Promise.resolve();
    this.asking.add(scopes);
    this.clock.after(this.pace.asksMs, () => this.ask(scopes));
    return this.clock.pause(this.pace.notesMs);
  }

  /** The tokens of sets with this scope are no longer good. */
  expire(scope: string): void {
    const { credentialId } = this.client;
    for (const [scopes, { version }] of this.tokens) {
      if (scopes.split(' ').includes(scope)) void this.refused('', credentialId, scopes, version);
    }
  }

  /** Asks the identity server, and says what has come of it. */
  ask(scopes: string): void {
    this.asking.delete(scopes);
    const token = this.fetch(scopes);
    const wasRejected = this.isRejected;
    this.isRejected = token === null;
    const [owner = ''] = this.client.credentialId.split('/');
    if (token !== null) for (const listener of this.feeds) listener(owner, token.version);
    if (wasRejected !== this.isRejected) this.changed();
  }

  private fetch(scopes: string): AccessToken | null {
    const { id, secret } = this.client;
    const reply = this.twin.handle({
      method: 'POST',
      url: this.twin.tokens.path,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes }).toString(),
    });
    if (reply.kind !== 'response' || reply.status !== 200) return null;
    this.version += 1;
    const { access_token: value } = JSON.parse(reply.body) as { access_token: string };
    const token = { value, version: this.version };
    this.tokens.set(scopes, token);
    return token;
  }
}
