import type { TenantValue } from '@relay/contracts';
import type { OutgoingHttp } from '@relay/http-client';

export interface RegistryPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A change that waits for a person, as the registry lists it. */
export interface RegistryHold {
  readonly holdId: string;
  readonly kind: string;
  readonly tenantId: string | null;
  readonly environment: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly raisedAt: string;
}

/** What the registry said; `away` covers every way of giving no usable answer. */
export type RegistryAnswer<T> =
  | { readonly kind: 'ok'; readonly page: RegistryPage<T> }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'away'; readonly detail: string };

/** Asks the tenant registry with an operator's own token: the console has no rights of its own. */
export class RegistryClient {
  constructor(
    private readonly http: OutgoingHttp,
    private readonly baseUrl: string,
  ) {}

  /** A page of tenants. `query` is passed on as it is; the registry judges it. */
  tenants(token: string, query: URLSearchParams): Promise<RegistryAnswer<TenantValue>> {
    return this.page(token, '/tenants', query);
  }

  /** A page of open holds, oldest first. */
  holds(token: string, query: URLSearchParams): Promise<RegistryAnswer<RegistryHold>> {
    return this.page(token, '/holds', query);
  }

  private async page<T>(token: string, route: string, query: URLSearchParams): Promise<RegistryAnswer<T>> {
    const reply = await this.http.send({
      method: 'GET',
      url: `${this.baseUrl}${route}?${query.toString()}`,
      route,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    });
    if (reply.kind === 'no-answer') return { kind: 'away', detail: reply.fault };
    switch (reply.status) {
      case 200:
        return parsed(reply.text, route);
      case 401:
        return { kind: 'unauthorized' };
      case 403:
        return { kind: 'forbidden' };
      case 400:
        return { kind: 'invalid' };
      default:
        return { kind: 'away', detail: `status ${reply.status}` };
    }
  }
}

function parsed<T>(text: string, route: string): RegistryAnswer<T> {
  try {
    const page = JSON.parse(text) as Partial<RegistryPage<T>> | null;
    if (Array.isArray(page?.items))
      return { kind: 'ok', page: { items: page.items, nextCursor: page.nextCursor ?? null } };
  } catch {
    // Something else answers at that address: told below.
  }
  return { kind: 'away', detail: `no list at ${route}` };
}
