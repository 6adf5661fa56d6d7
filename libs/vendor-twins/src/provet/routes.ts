import { PROVET_RESOURCES } from './catalogue.js';
import type { ProvetResource } from './resource.js';
import { PROVET_ACTIONS, type ProvetAction } from './writes.js';

export type ProvetRoute =
  | { readonly kind: 'token' }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'root' | 'permissions' | 'hooks' | 'queue' }
  | { readonly kind: 'hook'; readonly id: number }
  | { readonly kind: 'list'; readonly resource: ProvetResource }
  | { readonly kind: 'detail'; readonly resource: ProvetResource; readonly id: number }
  | { readonly kind: 'action'; readonly resource: ProvetResource; readonly id: number; readonly name: ProvetAction };

export interface FoundRoute {
  readonly route: ProvetRoute;
  /** The path with its variable parts named. */
  readonly template: string;
  /** The path ended without its slash. */
  readonly slashless: boolean;
}

/** Finds what a path below `/{tenant}/` stands for; null when it is nothing the twin knows. */
export function findRoute(rest: string): FoundRoute | null {
  const slashless = !rest.endsWith('/');
  const segments = rest.split('/').filter((segment) => segment !== '');
  const found = routeOf(segments);
  return found === null ? null : { ...found, slashless };
}

function routeOf(segments: readonly string[]): Omit<FoundRoute, 'slashless'> | null {
  const path = segments.join('/');
  if (path === 'oauth2/token') return { route: { kind: 'token' }, template: '/{tenant}/oauth2/token/' };
  if (path === 'oauth2/revoke_token') return { route: { kind: 'revoke' }, template: '/{tenant}/oauth2/revoke_token/' };
  if (segments[0] !== 'api' || segments[1] !== '0.1') return null;
  const below = segments.slice(2);
  const [name, second, third] = below;
  const template = (tail: string): string => `/{tenant}/api/0.1/${tail}`;
  if (name === undefined) return { route: { kind: 'root' }, template: template('') };
  if (name === 'hook') return below.length > 3 ? null : hookRoute(second, third, template);
  if (name === 'user' && second === 'current') {
    return third === 'active_permissions' && below.length === 3
      ? { route: { kind: 'permissions' }, template: template('user/current/active_permissions/') }
      : null;
  }
  return resourceRoute(below, template);
}

/** `client/`, `client/12/`, `appointment/12/cancel_appointment/`, and the same below paths of two parts (`stock/item/`). */
function resourceRoute(
  below: readonly string[],
  template: (tail: string) => string,
): Omit<FoundRoute, 'slashless'> | null {
  const resource = byPath.get(below.slice(0, 2).join('/')) ?? byPath.get(below[0] ?? '');
  if (resource === undefined) return null;
  const { path } = resource;
  const [idText, action, more] = below.slice(path.split('/').length);
  if (idText === undefined) return { route: { kind: 'list', resource }, template: template(`${path}/`) };
  if (!/^\d{1,15}$/.test(idText) || !resource.hasDetail || more !== undefined) return null;
  const id = Number(idText);
  if (action === undefined) return { route: { kind: 'detail', resource, id }, template: template(`${path}/{id}/`) };
  if (!isAction(action) || PROVET_ACTIONS[action] !== path) return null;
  return { route: { kind: 'action', resource, id, name: action }, template: template(`${path}/{id}/${action}/`) };
}

const byPath = new Map([...PROVET_RESOURCES.values()].map((resource) => [resource.path, resource]));

function hookRoute(
  second: string | undefined,
  third: string | undefined,
  template: (tail: string) => string,
): Omit<FoundRoute, 'slashless'> | null {
  if (second === 'queue' && third === undefined) return { route: { kind: 'queue' }, template: template('hook/queue/') };
  if (second !== 'webhook') return null;
  if (third === undefined) return { route: { kind: 'hooks' }, template: template('hook/webhook/') };
  if (!/^\d{1,15}$/.test(third)) return null;
  return { route: { kind: 'hook', id: Number(third) }, template: template('hook/webhook/{id}/') };
}

function isAction(name: string): name is ProvetAction {
  return Object.hasOwn(PROVET_ACTIONS, name);
}
