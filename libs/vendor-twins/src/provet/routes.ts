import { PROVET_RESOURCES, type ProvetResource } from './catalogue.js';
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
  const [name, second, third, more] = segments.slice(2);
  if (more !== undefined) return null;
  const template = (tail: string): string => `/{tenant}/api/0.1/${tail}`;
  if (name === undefined) return { route: { kind: 'root' }, template: template('') };
  if (name === 'hook') return hookRoute(second, third, template);
  if (name === 'user' && second === 'current') {
    return third === 'active_permissions'
      ? { route: { kind: 'permissions' }, template: template('user/current/active_permissions/') }
      : null;
  }
  const resource = PROVET_RESOURCES.get(name);
  if (resource === undefined) return null;
  if (second === undefined) return { route: { kind: 'list', resource }, template: template(`${name}/`) };
  if (!/^\d{1,15}$/.test(second)) return null;
  const id = Number(second);
  if (third === undefined) return { route: { kind: 'detail', resource, id }, template: template(`${name}/{id}/`) };
  if (!isAction(third) || PROVET_ACTIONS[third] !== name) return null;
  return { route: { kind: 'action', resource, id, name: third }, template: template(`${name}/{id}/${third}/`) };
}

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
