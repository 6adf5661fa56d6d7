import type { CredentialHealth } from '@relay/contracts';

/** What is known of one credential of a tenant. `health` is null while only its registration was seen. */
export interface KnownCredential {
  readonly credentialId: string;
  readonly health: CredentialHealth | null;
  readonly inForce: boolean;
  /** Whether the vendor may send a person's browser back to us; null where nobody has to. */
  readonly redirectOk: boolean | null;
  readonly version: number;
}

export interface Worth {
  /** Null: nothing that changes the tenant's state. */
  readonly worth: 'proven' | 'rejected' | 'awaiting-consent' | 'redirect-mismatch' | null;
  /** The credential whose tokens are used; null until one is proven. */
  readonly inForce: string | null;
}

/**
 * What a tenant's credentials are worth together. The one in force decides; a candidate beside it changes nothing.
 * `refused` (the vendor takes no token of it for the moment) is left to the token-broker, which goes on trying.
 */
export function worthOf(credentials: readonly KnownCredential[]): Worth {
  const tried = credentials.filter((one) => one.health !== null).sort((a, b) => b.version - a.version);
  const counts = tried.find((one) => one.inForce) ?? tried[0];
  if (counts === undefined) return { worth: null, inForce: null };
  const inForce = counts.inForce ? counts.credentialId : null;
  const { health } = counts;
  switch (health) {
    case 'proven':
      // Proven once but no longer in force: it was replaced, and its successor is on its way.
      return { worth: counts.inForce ? 'proven' : null, inForce };
    case 'awaiting-consent':
      // One that is in force has a connection to be renewed, not one to be set up.
      return { worth: counts.redirectOk === false && !counts.inForce ? 'redirect-mismatch' : health, inForce };
    case 'rejected':
      return { worth: health, inForce };
    case 'refused':
    case null:
      return { worth: null, inForce };
    default:
      return health satisfies never;
  }
}
