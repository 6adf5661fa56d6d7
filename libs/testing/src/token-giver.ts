import type { ControlValue } from '@relay/contracts';
import { SealingKeys } from '@relay/sealing';

export interface TokenGiverOptions {
  /** Tenant id, or `exact:<environment>`. */
  readonly owner: string;
  readonly credentialId: string;
  /** Sorted, space-separated. */
  readonly scopes: string;
  /** Of a Provet tenant: its tokens are sealed to it. */
  readonly host?: string;
  /** Of the connector that may read the tokens. */
  readonly publicJwks: string;
  readonly tokenUrl: string;
  readonly client: { readonly clientId: string; readonly secret: string };
  send(topic: 'token.v1', owner: string, key: string, value: ControlValue<'token.v1'>): Promise<void>;
}

/** What the token-broker does for a connector: fetches a token from the vendor's twin, seals it and publishes it. */
export class TokenGiver {
  /** Of the last token; 0 before the first. */
  version = 0;

  constructor(private readonly options: TokenGiverOptions) {}

  /** Gives another token, one version up. */
  async give(): Promise<void> {
    const { owner, credentialId, scopes, host, publicJwks } = this.options;
    const token = await this.fetchToken();
    this.version += 1;
    const { version } = this;
    const context = {
      topic: 'token.v1',
      tenantId: owner,
      credentialId,
      version,
      ...(host === undefined ? {} : { host }),
    };
    await this.options.send('token.v1', owner, `${credentialId}#${scopes}`, {
      credentialId,
      scopes,
      version,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      sealed: await SealingKeys.parse(publicJwks).seal(token, context),
    });
  }

  private async fetchToken(): Promise<string> {
    const { client, scopes, tokenUrl } = this.options;
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes }),
    });
    if (!response.ok) throw new Error(`the twin gives no token: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
