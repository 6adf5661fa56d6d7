/** A visit has to come back in the browser that it began in: a cookie marks that browser, one for each visit. */
const LIFE_SECONDS = 600;

/** Two visits in two tabs do not disturb each other. The name holds a part of the state's digest, not of the state. */
function cookieName(stateSha256: string): string {
  return `relay-consent-${stateSha256.slice(0, 16)}`;
}

/** `Lax` comes along when the vendor sends the browser back, and not with requests that another site makes in the background. */
export function setMark(publicUrl: string, stateSha256: string, mark: string): string {
  return cookie(publicUrl, stateSha256, mark, LIFE_SECONDS);
}

export function clearMark(publicUrl: string, stateSha256: string): string {
  return cookie(publicUrl, stateSha256, '', 0);
}

/** The mark that a `Cookie` header carries for a visit, or null. */
export function readMark(header: string | undefined, stateSha256: string): string | null {
  const wanted = `${cookieName(stateSha256)}=`;
  const found = (header ?? '').split(/;\s*/).find((pair) => pair.startsWith(wanted));
  return found === undefined ? null : found.slice(wanted.length);
}

function cookie(publicUrl: string, stateSha256: string, value: string, maxAge: number): string {
  const { protocol, pathname } = new URL(`${publicUrl}/oauth/callback`);
  const secure = protocol === 'https:' ? '; Secure' : '';
  return `${cookieName(stateSha256)}=${value}; Path=${pathname}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
