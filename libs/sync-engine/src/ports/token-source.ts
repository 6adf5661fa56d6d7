/** An access token as a connector uses it. `version` is that of `token.v1`. */
export interface AccessToken {
  readonly value: string;
  readonly version: number;
}

/** Where a connector gets its tokens from: never from the vendor, always from what the token-broker has published. */
export interface TokenSource {
  /** The newest token of the credential that is in force for the tenant; null when there is none, or only a refused one. */
  token(credentialId: string, scopes: string): AccessToken | null;
  /** The newest usable token of any credential of an owner (`exact:<environment>` or a tenant id), with its credential. */
  tokenOf(owner: string, scopes: string): (AccessToken & { readonly credentialId: string }) | null;
  /** The vendor answered 401 to this version: tells the broker once per version and stops handing it out. */
  refused(owner: string, credentialId: string, scopes: string, version: number): Promise<void>;
}

/** What the engine itself has to know of tokens: that they are known, and when there is a newer one. */
export interface TokenFeed {
  readonly isLoaded: boolean;
  /** Told of every newer token, by its owner. */
  onChange(listener: (owner: string, version: number) => void): void;
  start(): void;
  close(): Promise<void>;
}
