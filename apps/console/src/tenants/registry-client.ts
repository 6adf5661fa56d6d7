import type { TenantValue } from '@relay/contracts';
import type { OutgoingHttp } from '@relay/http-client';

export interface RegistryPage {
  readonly items: readonly TenantValue[];
  readonly nextCursor: string | null;
}

/** What the registry said; `away` covers every way of giving no usable answer. */
export type RegistryAnswer =
  | { readonly kind: 'ok'; readonly page: RegistryPage }
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
  async tenants(token: string, query: URLSearchParams): Promise<RegistryAnswer> {
    const reply = await this.http.send({
      method: 'GET',
      url: `${this.baseUrl}/tenants?${query.toString()}`,
      route: '/tenants',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    });
    if (reply.kind === 'no-answer') return { kind: 'away', detail: reply.fault };
    switch (reply.status) {
      case 200:
        return parsed(reply.text);
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

function parsed(text: string): RegistryAnswer {
  try {
    const page = JSON.parse(text) as Partial<RegistryPage> | null;
    if (Array.isArray(page?.items))
      return { kind: 'ok', page: { items: page.items, nextCursor: page.nextCursor ?? null } };
  } catch {
    // Something else answers at that address: told below.
  }
  return { kind: 'away', detail: 'no list of tenants' };
}
