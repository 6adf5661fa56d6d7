import type { AccessToken, TokenSource } from '@relay/sync-engine';

/** In-memory tokens: hands out one per credential until it is refused, and remembers the refusals. */
export class TokenShelf implements TokenSource {
  readonly refusals: number[] = [];
  /** Set: there are tokens of this scope set only. */
  only: string | null = null;
  private readonly tokens = new Map<string, AccessToken>();

  put(credentialId: string, token: AccessToken): this {
    this.tokens.set(credentialId, token);
    return this;
  }

  token(credentialId: string): AccessToken | null {
    const token = this.tokens.get(credentialId);
    return token && !this.refusals.includes(token.version) ? token : null;
  }

  tokenOf(owner: string, scopes: string): (AccessToken & { readonly credentialId: string }) | null {
    if (this.only !== null && this.only !== scopes) return null;
    for (const credentialId of this.tokens.keys()) {
      const token = credentialId.startsWith(`${owner}/`) ? this.token(credentialId) : null;
      if (token) return { ...token, credentialId };
    }
    return null;
  }

  refused(_owner: string, _credentialId: string, _scopes: string, version: number): Promise<void> {
    this.refusals.push(version);
    return Promise.resolve();
  }
}
