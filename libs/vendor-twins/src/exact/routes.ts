import type { ExactKind } from './guid.js';
import type { ExactScope } from './tokens.js';

export type ExactRoute =
  | { readonly kind: 'token' }
  | { readonly kind: 'discovery' }
  | { readonly kind: 'subscriptions' }
  | { readonly kind: 'details'; readonly practiceId: string }
  | { readonly kind: 'list'; readonly practiceId: string; readonly of: ExactKind }
  | { readonly kind: 'one'; readonly practiceId: string; readonly of: ExactKind; readonly guid: string }
  | { readonly kind: 'contact-details' | 'contact'; readonly practiceId: string; readonly guid: string };

const COLLECTIONS: ReadonlyMap<string, ExactKind> = new Map([
  ['Appointments', 'appointment'],
  ['Patients', 'patient'],
  ['Practitioners', 'practitioner'],
  ['Payors', 'payor'],
]);

export interface FoundExactRoute {
  readonly route: ExactRoute;
  readonly template: string;
}

/** Finds what a path stands for, in the case of the documentation; null when it is nothing the twin knows. */
export function findExactRoute(path: string, tokenPath = '/connect/token'): FoundExactRoute | null {
  if (path === tokenPath) return { route: { kind: 'token' }, template: path };
  if (path === '/.well-known/openid-configuration') return { route: { kind: 'discovery' }, template: path };
  if (path === '/v1/Subscriptions/active') return { route: { kind: 'subscriptions' }, template: path };
  const [start, version, practices, practice, collection, guid, part, more] = path.split('/');
  if (start !== '' || version !== 'v1' || practices !== 'Practices' || !practice || !collection || more !== undefined) {
    return null;
  }
  const practiceId = decoded(practice);
  const base = '/v1/Practices/{practiceId}';
  if (collection === 'details' && guid === undefined) {
    return { route: { kind: 'details', practiceId }, template: `${base}/details` };
  }
  const of = COLLECTIONS.get(collection);
  if (of === undefined) return null;
  if (guid === undefined) return { route: { kind: 'list', practiceId, of }, template: `${base}/${collection}` };
  if (part === undefined) {
    return { route: { kind: 'one', practiceId, of, guid: decoded(guid) }, template: `${base}/${collection}/{id}` };
  }
  if (of !== 'patient' || (part !== 'ContactDetails' && part !== 'Contact')) return null;
  const kind = part === 'Contact' ? 'contact' : 'contact-details';
  return { route: { kind, practiceId, guid: decoded(guid) }, template: `${base}/Patients/{id}/${part}` };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The scope and methods of a route that needs a token. */
export function rulesOf(
  route: Exclude<ExactRoute, { kind: 'token' | 'discovery' }>,
  method: string,
): { scope: ExactScope; methods: readonly string[] } {
  switch (route.kind) {
    case 'subscriptions':
      return { scope: 'productsubscription.get', methods: ['GET'] };
    case 'details':
      return { scope: 'practice.get', methods: ['GET'] };
    case 'list':
      return { scope: `${route.of}.list`, methods: ['GET'] };
    case 'one':
      if (route.of !== 'appointment') return { scope: `${route.of}.get`, methods: ['GET'] };
      return { scope: method === 'PATCH' ? 'appointment.update' : 'appointment.get', methods: ['GET', 'PATCH'] };
    case 'contact-details':
      return { scope: 'patient.get', methods: ['GET'] };
    case 'contact':
      return { scope: 'patient.contact', methods: ['POST'] };
    default:
      return route satisfies never;
  }
}
