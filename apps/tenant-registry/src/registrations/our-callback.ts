/** Where the vendor sends a person's browser back to after consent. */
export function callbackUrlOf(publicUrl: string): string {
  return `${publicUrl}/oauth/callback`;
}

/**
 * True when a registration's `redirect_uris` (a list with spaces between) names our callback. Compared letter by letter, as
 * the vendor does when the browser comes with it (RFC 6749 §3.1.2.3).
 */
export function namesOurCallback(redirectUris: string, callbackUrl: string): boolean {
  return redirectUris.split(/\s+/).includes(callbackUrl);
}
