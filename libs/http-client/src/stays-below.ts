/**
 * Whether an address lies below another one (same scheme, host, port; deeper path) for every server that may read it. Some
 * decode a path before they walk it, so a way up that is written in code counts as one.
 */
export function staysBelow(url: URL, below: string): boolean {
  const base = URL.parse(below);
  if (base === null || !base.pathname.endsWith('/')) return false;
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return false;
  const walked = url.pathname.replace(/%2f|%5c/gi, '/').replace(/%2e/gi, '.');
  return !walked.split('/').some((segment) => segment === '.' || segment === '..');
}
