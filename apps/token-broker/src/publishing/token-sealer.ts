import { vendorOf, type TokenValue } from '@relay/contracts';
import { SealingKeys } from '@relay/sealing';
import type { Connection } from '../credentials/connection.js';

/** Seals access tokens so that only the connector that uses them can read them: each has keys of its own. */
export class TokenSealer {
  private readonly provet: SealingKeys;
  private readonly exact: SealingKeys;

  constructor(provetPublicJwks: string, exactPublicJwks: string) {
    this.provet = SealingKeys.parse(provetPublicJwks);
    this.exact = SealingKeys.parse(exactPublicJwks);
  }

  /** Name of the key that tokens of this tenant are sealed to now. */
  kidFor(tenantId: string): string {
    return vendorOf(tenantId) === 'exact' ? this.exact.kid : this.provet.kid;
  }

  /** The value of `token.v1`. The seal is bound to its version: an old one cannot be passed off as a newer one. */
  async seal(
    connection: Pick<Connection, 'credentialId' | 'tenantId' | 'host' | 'scopes'>,
    token: { readonly accessToken: string; readonly expiresAt: number },
    version: number,
  ): Promise<TokenValue> {
    const { credentialId, tenantId, host, scopes } = connection;
    const keys = host === null ? this.exact : this.provet;
    const context = { topic: 'token.v1', tenantId, credentialId, version, ...(host === null ? {} : { host }) };
    return {
      credentialId,
      scopes,
      version,
      expiresAt: new Date(token.expiresAt).toISOString(),
      sealed: await keys.seal(token.accessToken, context),
    };
  }
}
