import { credentialIdOf, exactEnvironmentId, type ExactEnvironment } from '@relay/contracts';
import type { Connection } from '../credentials/connection.js';

export interface ExactClientSettings {
  readonly exactEnvironment: ExactEnvironment | '';
  readonly exactTokenUrl: string;
  readonly exactScopes: readonly string[];
  readonly exactClientId: string | null;
  readonly exactClientSecret: string | null;
}

/** The integrator's EXACT client as the configuration gives it; null when EXACT is off. */
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
    tokenUrl: settings.exactTokenUrl,
    scopes: [...new Set(settings.exactScopes)].sort().join(' '),
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
