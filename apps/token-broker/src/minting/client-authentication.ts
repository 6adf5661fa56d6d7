import type { Vendor } from '@relay/contracts';

/** How a client that has a secret proves itself at a token endpoint (RFC 6749 §2.3.1): in a Basic header, or in the form. */
export type ClientAuthentication = 'basic' | 'body';

/**
 * What each vendor takes, in the order in which it is tried. Provet prefers the header and takes the form as well, so a
 * practice whose server takes the form only is not lost; EXACT is documented with the header alone.
 */
export const CLIENT_AUTHENTICATION = {
  provet: ['basic', 'body'],
  exact: ['basic'],
} as const satisfies Record<Vendor, readonly ClientAuthentication[]>;
