import { Problem } from '@relay/service-kit';

interface OriginRequest {
  readonly method: string;
  readonly host: string;
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Refuses a change that another site's page asks for. Browsers say where a request comes from by `Sec-Fetch-Site`, older
 * ones by `Origin`; a request with neither is not made by a page.
 */
export function requireSameOrigin(request: OriginRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) {
    if (site === 'same-origin') return;
    throw refused();
  }
  const { origin } = request.headers;
  if (origin === undefined || origin === `${request.protocol}://${request.host}`) return;
  throw refused();
}

function refused(): Problem {
  return new Problem(403, { code: 'other-origin', detail: "only the console's own page may ask for this" });
}
