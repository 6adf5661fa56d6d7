import {
  EXACT_BASE_SCOPES,
  credentialIdOf,
  exactEnvironmentId,
  exactScopeText,
  type ExactEnvironment,
} from '@relay/contracts';
import type { Connection } from '../credentials/connection.js';
import { usualTokenUrl } from './token-address.js';

export interface ExactClientSettings {
  readonly exactEnvironment: ExactEnvironment | '';
  readonly exactAuthorityUrl: string;
  readonly exactTokenUrl: string;
  readonly exactClientId: string | null;
  readonly exactClientSecret: string | null;
}

/**
 * The integrator's EXACT client as the configuration gives it; null when EXACT is off. It is proven with the base scopes:
 * which of the others are granted is found out afterwards, for one that is not would fail the whole request.
 */
export function exactConnection(settings: ExactClientSettings, receivedAt: number): Connection | null {
  const { exactEnvironment, exactClientId, exactClientSecret } = settings;
  if (exactEnvironment === '' || exactClientId === null) return null;
  const owner = exactEnvironmentId(exactEnvironment);
  return {
    credentialId: credentialIdOf(owner, exactClientId),
    tenantId: owner,
    clientId: exactClientId,
    clientType: 'confidential',
    grant: 'client_credentials',
    host: null,
    tokenUrl: usualTokenUrl({ tokenUrl: settings.exactTokenUrl, authorityUrl: settings.exactAuthorityUrl }),
    scopes: exactScopeText(EXACT_BASE_SCOPES),
    secret: exactClientSecret,
    consent: null,
    source: 'environment',
    receivedAt,
  };
}

/** `exact:<environment>`, or null when EXACT is off. */
export function exactOwner(settings: Pick<ExactClientSettings, 'exactEnvironment'>): string | null {
  return settings.exactEnvironment === '' ? null : exactEnvironmentId(settings.exactEnvironment);
}
