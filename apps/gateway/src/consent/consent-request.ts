import { parseTenantId } from '@relay/contracts';

/** A request that may be passed on to the token-broker: one of two known paths, with the query as it came. */
export interface ConsentRequest {
  readonly path: string;
  /** For logs and metrics: the path itself holds an invite or a code. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of the broker's answer. Everything else, hop-by-hop headers too, ends here. */
const PASSED_BACK = [
  'content-type',
  'location',
  'set-cookie',
  'cache-control',
  'referrer-policy',
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
  'retry-after',
] as const;

/** Built anew from what the router has understood, so that no spelling of a path can reach another one behind the gateway. */
export function authorizeRequest(tenantId: string, rawUrl: string, cookies: string | undefined): ConsentRequest {
  // What is no tenant id (dots would be taken for a way up) is passed on as a word that is none either: there is a page for it.
  const id = parseTenantId(tenantId) === null ? 'unknown' : tenantId;
  return {
    path: `/oauth/provet/${encodeURIComponent(id)}/authorize${queryOf(rawUrl)}`,
    route: '/oauth/provet/{tenantId}/authorize',
    headers: headersOf(cookies),
  };
}

export function callbackRequest(rawUrl: string, cookies: string | undefined): ConsentRequest {
  return { path: `/oauth/callback${queryOf(rawUrl)}`, route: '/oauth/callback', headers: headersOf(cookies) };
}

export function passedBack(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    PASSED_BACK.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function queryOf(rawUrl: string): string {
  const at = rawUrl.indexOf('?');
  return at < 0 ? '' : rawUrl.slice(at);
}

/** Only the cookies that the consent pages set themselves: others of this host are none of the broker's business. */
function headersOf(cookies: string | undefined): Record<string, string> {
  const own = (cookies ?? '').split(/;\s*/).filter((pair) => pair.startsWith('relay-consent-'));
  return { accept: 'text/html', ...(own.length === 0 ? {} : { cookie: own.join('; ') }) };
}
