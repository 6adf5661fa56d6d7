import type { AccessToken, TokenSource } from '@relay/sync-engine';
import type { ExactTwin } from '@relay/vendor-twins';

export interface ModelClient {
  readonly credentialId: string;
  readonly id: string;
  readonly secret: string;
}

/** Tokens as the broker gives them, at once: one for each scope set, another one as soon as one is refused. */
export class ModelTokens implements TokenSource {
  readonly refusals: number[] = [];
  /** False: the broker gives nothing, as if it could not reach the identity server. */
  isGiving = true;
  private readonly tokens = new Map<string, AccessToken>();
  private version = 0;

  constructor(
    private readonly twin: ExactTwin,
    private readonly client: ModelClient,
  ) {}

  token(credentialId: string, scopes: string): AccessToken | null {
    if (credentialId !== this.client.credentialId) return null;
    const known = this.tokens.get(scopes);
    if (known !== undefined || !this.isGiving) return known ?? null;
    const value = this.fetch(scopes);
    if (value === null) return null;
    this.version += 1;
    const token = { value, version: this.version };
    this.tokens.set(scopes, token);
    return token;
  }

  tokenOf(owner: string, scopes: string): (AccessToken & { readonly credentialId: string }) | null {
    const { credentialId } = this.client;
    const token = credentialId.startsWith(`${owner}/`) ? this.token(credentialId, scopes) : null;
    return token && { ...token, credentialId };
  }

  refused(_owner: string, _credentialId: string, scopes: string, version: number): Promise<void> {
    this.refusals.push(version);
    if (this.tokens.get(scopes)?.version === version) this.tokens.delete(scopes);
    return Promise.resolve();
  }

  private fetch(scopes: string): string | null {
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
    return (JSON.parse(reply.body) as { access_token: string }).access_token;
  }
}
