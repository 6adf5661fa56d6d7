import type { ProvetTenant } from './tenant.js';

/** The message that the vendor posts to an integration's hookup URL when a customer adds it. */
export interface HookupMessage {
  readonly provet_id: number;
  readonly client_id: string;
  readonly client_secret: string | null;
  readonly algorithm: string | null;
  readonly authorization_grant_type: string;
  readonly client_type: string;
  readonly redirect_uris: string;
  readonly token_url: string;
  readonly authorize_url: string;
  readonly openid_autodiscovery_url: string | null;
}

/** Both spellings of the grant are published. */
export type GrantSpelling = 'underscore' | 'hyphen';

/** The registration of a tenant's newest credential. */
export function hookupMessage(
  origin: string,
  tenant: ProvetTenant,
  spelling: GrantSpelling = 'underscore',
): HookupMessage {
  const { clientId, secret } = tenant.credential;
  const oauth = `${origin}/${tenant.id}/oauth2`;
  return {
    provet_id: tenant.id,
    client_id: clientId,
    client_secret: secret,
    algorithm: 'RS256',
    authorization_grant_type: spelling === 'underscore' ? 'client_credentials' : 'client-credentials',
    client_type: 'confidential',
    redirect_uris: '',
    token_url: `${oauth}/token/`,
    authorize_url: `${oauth}/authorize/`,
    openid_autodiscovery_url: null,
  };
}
