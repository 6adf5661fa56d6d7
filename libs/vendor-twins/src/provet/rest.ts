import type { TwinRecord } from '../json.js';
import { bearerToken, response, type TwinRequest, type TwinResponse } from '../http.js';
import { HOOK_PERMISSION, PROVET_RESOURCES } from './catalogue.js';
import { HOOK_LIST_METHODS, HOOK_METHODS, hookListReply, hookReply, queueReply } from './hook-api.js';
import { listReply, pageWeight, shownForm } from './list-query.js';
import { forbidden, json, methodNotAllowed, notFound, throttled, unauthorized } from './replies.js';
import { USUAL_LIMITS, type OperationLimits, type ProvetResource } from './resource.js';
import type { ProvetRoute } from './routes.js';
import type { ProvetTenant } from './tenant.js';
import type { ProvetWorld } from './world.js';
import { actionReply, bodyOf, createReply, deleteReply, updateReply } from './writes.js';

type ApiRoute = Exclude<ProvetRoute, { kind: 'token' | 'revoke' }>;

/** A request to the REST API whose path is known. Checks run in the framework's order: token, permission, limit, method. */
export function apiReply(
  world: ProvetWorld,
  tenant: ProvetTenant,
  route: ApiRoute,
  request: TwinRequest,
): TwinResponse {
  const now = world.clock();
  const caller = callerOf(tenant, request, now);
  if (caller.clientId === null) return unauthorized(caller.problem);
  const rules = rulesOf(route);
  if (!tenant.allows(rules.permission, rules.resource)) return forbidden();
  const url = new URL(world.origin + request.url);
  const wait = takeLimit(tenant, caller.clientId, rules, { method: request.method, url, now });
  if (wait !== null) return throttled(wait);
  if (!rules.methods.includes(request.method)) return methodNotAllowed(request.method, rules.methods);
  const body = request.method === 'GET' ? { fields: {} } : bodyOf(request);
  if ('refusal' in body) return body.refusal;
  return routed(world, tenant, route, { method: request.method, url, body: body.fields, now });
}

function routed(
  world: ProvetWorld,
  tenant: ProvetTenant,
  route: ApiRoute,
  request: { method: string; url: URL; body: TwinRecord; now: number },
): TwinResponse {
  const { method, url, body, now } = request;
  switch (route.kind) {
    case 'root':
      return json(
        200,
        Object.fromEntries([...PROVET_RESOURCES.values()].map(({ path }) => [path, `${tenant.context.api}/${path}/`])),
      );
    case 'permissions':
      return json(
        200,
        tenant.grantedPermissions.map((name) => ({ name, read: true, write: true })),
      );
    case 'hooks':
      return hookListReply(world, tenant, { method, url, body });
    case 'hook':
      return hookReply(world, tenant, route.id, { method, body });
    case 'queue':
      return queueReply(world, tenant, url);
    case 'list':
      if (method === 'OPTIONS') return describe(route.resource);
      if (method === 'POST') return createReply(world, tenant, route.resource, body);
      return listReply(tenant, route.resource, url, now);
    case 'action':
      return actionReply(world, tenant, route.resource, { id: route.id, name: route.name, body });
    case 'detail': {
      const { resource, id } = route;
      if (method === 'OPTIONS') return describe(resource);
      if (method === 'DELETE') return deleteReply(world, tenant, resource, id);
      if (method !== 'GET') return updateReply(world, tenant, resource, id, { body, whole: method === 'PUT' });
      const record = tenant.store(resource.name).get(id, now);
      return record === null ? notFound() : json(200, shownForm(resource, record), resource.floats);
    }
    default:
      return route satisfies never;
  }
}

function describe(resource: ProvetResource): TwinResponse {
  return json(200, {
    name: resource.name,
    description: '',
    renders: ['application/json', 'text/html'],
    parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    filters: Object.keys(resource.filters),
  });
}

export type Caller =
  { readonly clientId: string; readonly problem: null } | { readonly clientId: null; readonly problem: string };

/** Whose token a request carries. */
export function callerOf(tenant: ProvetTenant, request: TwinRequest, now: number): Caller {
  const token = bearerToken(request.headers['authorization']);
  if (token === null) return { clientId: null, problem: 'Authentication credentials were not provided.' };
  const issued = tenant.tokens.get(token);
  if (issued === undefined) return { clientId: null, problem: 'Invalid token.' };
  if (issued.expiresAt <= now) return { clientId: null, problem: 'The access token has expired.' };
  return { clientId: issued.clientId, problem: null };
}

interface RouteRules {
  readonly permission: string | null;
  /** Name that a switch can forbid or limit. */
  readonly resource: string;
  readonly limits: OperationLimits;
  readonly methods: readonly string[];
  readonly isList: boolean;
}

function rulesOf(route: ApiRoute): RouteRules {
  const plain = { limits: USUAL_LIMITS, isList: false };
  switch (route.kind) {
    case 'root':
      return { ...plain, permission: null, resource: 'root', methods: ['GET', 'OPTIONS'] };
    case 'permissions':
      return {
        ...plain,
        permission: 'Profile: User profile page',
        resource: 'active_permissions',
        methods: ['GET', 'OPTIONS'],
      };
    case 'hooks':
      return { ...plain, isList: true, permission: HOOK_PERMISSION, resource: 'webhook', methods: HOOK_LIST_METHODS };
    case 'hook':
      return { ...plain, permission: HOOK_PERMISSION, resource: 'webhook', methods: HOOK_METHODS };
    case 'queue':
      return { ...plain, isList: true, permission: HOOK_PERMISSION, resource: 'queue', methods: ['GET', 'OPTIONS'] };
    case 'list':
      return { ...ofResource(route.resource), isList: true, methods: methodsOf(route.resource, 'list') };
    case 'detail':
      return { ...ofResource(route.resource), isList: false, methods: methodsOf(route.resource, 'detail') };
    case 'action':
      return { ...ofResource(route.resource), isList: false, methods: ['POST', 'OPTIONS'] };
    default:
      return route satisfies never;
  }
}

function ofResource(resource: ProvetResource): Pick<RouteRules, 'permission' | 'resource' | 'limits'> {
  return { permission: resource.permission, resource: resource.name, limits: resource.limits };
}

function methodsOf(resource: ProvetResource, form: 'list' | 'detail'): string[] {
  const { create, update, delete: remove } = resource.writes;
  if (form === 'list') return ['GET', ...(create ? ['POST'] : []), 'OPTIONS'];
  return ['GET', ...(update ? ['PUT', 'PATCH'] : []), ...(remove ? ['DELETE'] : []), 'OPTIONS'];
}

/** Takes a request out of its window; the seconds to wait when there is no room. A larger page weighs more. */
function takeLimit(
  tenant: ProvetTenant,
  clientId: string,
  rules: RouteRules,
  request: { method: string; url: URL; now: number },
): number | null {
  if (!tenant.switches.limits) return null;
  const operation = operationOf(request.method, rules.isList);
  const key = `${rules.resource}.${operation}`;
  const limit = tenant.switches.limitOverrides[key] ?? rules.limits[operation];
  const weight = operation === 'list' ? pageWeight(request.url.searchParams) : 1;
  return tenant.limiter.take(`${clientId} ${key}`, weight, limit, request.now);
}

function operationOf(method: string, isList: boolean): keyof OperationLimits {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
    case 'PATCH':
      return 'update';
    case 'DELETE':
      return 'delete';
    default:
      return isList ? 'list' : 'read';
  }
}

/** 301 to the same path with a slash, as the framework answers every method: the body of a write is lost. */
export function redirectToSlash(url: URL): TwinResponse {
  return response(301, { location: `${url.pathname}/${url.search}`, 'content-type': 'text/html; charset=utf-8' }, '');
}
