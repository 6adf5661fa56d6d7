import type { TwinResponse } from '../http.js';
import { response } from '../http.js';
import { memberText, type TwinRecord } from '../json.js';
import type { Hook } from './hook.js';
import { hookForm } from './hooks.js';
import { envelope } from './list-query.js';
import { invalid, json, methodNotAllowed, notFound } from './replies.js';
import type { ProvetTenant } from './tenant.js';
import { LAST_TRIGGER } from './triggers.js';
import type { ProvetWorld } from './world.js';

export const HOOK_LIST_METHODS = ['GET', 'POST', 'OPTIONS'];
export const HOOK_METHODS = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** `/hook/webhook/` */
export function hookListReply(
  world: ProvetWorld,
  tenant: ProvetTenant,
  request: { method: string; url: URL; body: TwinRecord },
): TwinResponse {
  switch (request.method) {
    case 'GET': {
      const hooks = [...tenant.hooks.values()];
      return envelope(request.url, hooks.length, (from, to) =>
        hooks.slice(from, to).map((hook) => hookForm(tenant, hook)),
      );
    }
    case 'POST': {
      const now = world.clock();
      const blank = { id: tenant.nextHookId, name: '', active: true, department: null, created: now, modified: now };
      const written = readHook(tenant, request.body, blank);
      if ('problems' in written) return invalid(written.problems);
      tenant.nextHookId += 1;
      tenant.hooks.set(written.hook.id, written.hook);
      return json(201, hookForm(tenant, written.hook));
    }
    case 'OPTIONS':
      return json(200, hookOptions(tenant));
    default:
      return methodNotAllowed(request.method, HOOK_LIST_METHODS);
  }
}

/** `/hook/webhook/{id}/` */
export function hookReply(
  world: ProvetWorld,
  tenant: ProvetTenant,
  id: number,
  request: { method: string; body: TwinRecord },
): TwinResponse {
  const hook = tenant.hooks.get(id);
  if (hook === undefined) return notFound();
  switch (request.method) {
    case 'GET':
      return json(200, hookForm(tenant, hook));
    case 'OPTIONS':
      return json(200, hookOptions(tenant));
    case 'DELETE':
      tenant.hooks.delete(id);
      return response(204, {}, '');
    case 'PUT':
    case 'PATCH': {
      const { trigger, target, contentType, ...rest } = hook;
      const kept = request.method === 'PATCH' ? { trigger, target, contentType } : {};
      const written = readHook(tenant, request.body, { ...rest, ...kept, modified: world.clock() });
      if ('problems' in written) return invalid(written.problems);
      tenant.hooks.set(id, written.hook);
      return json(200, hookForm(tenant, written.hook));
    }
    default:
      return methodNotAllowed(request.method, HOOK_METHODS);
  }
}

type Draft = Omit<Hook, 'trigger' | 'target' | 'contentType'> & Partial<Hook>;

/** Reads what was sent over `draft`; every bad member is named. */
function readHook(
  tenant: ProvetTenant,
  body: TwinRecord,
  draft: Draft,
): { hook: Hook } | { problems: Record<string, string[]> } {
  const problems: Record<string, string[]> = {};
  const targetMember = tenant.switches.hookTarget;
  const trigger = Number(body['trigger'] ?? draft.trigger ?? Number.NaN);
  if (Number.isNaN(trigger)) problems['trigger'] = ['This field is required.'];
  else if (!Number.isInteger(trigger) || trigger < 1 || trigger > LAST_TRIGGER) {
    problems['trigger'] = [`"${memberText(body, 'trigger')}" is not a valid choice.`];
  }
  const target = body[targetMember] ?? draft.target;
  if (target === undefined) problems[targetMember] = ['This field is required.'];
  else if (typeof target !== 'string' || !URL.canParse(target)) problems[targetMember] = ['Enter a valid URL.'];
  const contentType = Number(body['content_type'] ?? draft.contentType ?? 1);
  if (contentType !== 1 && contentType !== 2) {
    problems['content_type'] = [`"${memberText(body, 'content_type')}" is not a valid choice.`];
  }
  const { department: sent = draft.department } = body;
  const department = sent === '' ? null : sent;
  if (department !== null && typeof department !== 'string') {
    problems['department'] = ['Incorrect type. Expected URL string.'];
  }
  if (Object.keys(problems).length > 0) return { problems };
  return {
    hook: {
      ...draft,
      name: typeof body['name'] === 'string' ? body['name'] : draft.name,
      active: isTrue(body['active'] ?? draft.active),
      trigger,
      target: typeof target === 'string' ? target : '',
      contentType: contentType === 2 ? 2 : 1,
      department: typeof department === 'string' ? department : null,
    },
  };
}

/** Forms send text where JSON sends true and false. */
function isTrue(value: TwinRecord[string]): boolean {
  return value === true || value === 1 || value === 'true' || value === '1' || value === 'on';
}

/** What a POST takes, as the framework describes it: the only place where the target's name can be learnt. */
function hookOptions(tenant: ProvetTenant): TwinRecord {
  const field = (type: string, label: string, more: TwinRecord = {}): TwinRecord => ({
    type,
    required: false,
    read_only: false,
    label,
    ...more,
  });
  const post: TwinRecord = {
    id: field('integer', 'ID', { read_only: true }),
    url: field('field', 'Url', { read_only: true }),
    name: field('string', 'Name', { max_length: 255 }),
    trigger: field('choice', 'Trigger', {
      required: true,
      choices: Array.from({ length: LAST_TRIGGER }, (_, index) => ({ value: index + 1, display_name: `${index + 1}` })),
    }),
    [tenant.switches.hookTarget]: field('url', 'Target', { required: true, max_length: 200 }),
    content_type: field('choice', 'Content type', {
      choices: [
        { value: 1, display_name: 'application/x-www-form-urlencoded' },
        { value: 2, display_name: 'application/json' },
      ],
    }),
    active: field('boolean', 'Active'),
    department: field('field', 'Department'),
    created: field('datetime', 'Created', { read_only: true }),
    modified: field('datetime', 'Modified', { read_only: true }),
  };
  return {
    name: 'Webhook List',
    description: 'Webhooks of this organisation.',
    renders: ['application/json', 'text/html'],
    parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    ...(tenant.switches.hookOptions ? { actions: { POST: post } } : {}),
  };
}

/** `/hook/queue/`: the deliveries of this tenant, newest first. */
export function queueReply(world: ProvetWorld, tenant: ProvetTenant, url: URL): TwinResponse {
  const notes = world.deliveries.notes({ tenantId: tenant.id }).reverse();
  return envelope(url, notes.length, (from, to) =>
    notes.slice(from, to).map((note) => ({
      id: note.id,
      url: `${tenant.context.api}/hook/queue/${note.id}/`,
      webhook: `${tenant.context.api}/hook/webhook/${note.hookId}/`,
      trigger: note.trigger,
      status: note.outcome,
      response_status: note.status,
      attempt: note.attempt,
      created: stampOf(note.at),
    })),
  );
}

function stampOf(at: number): string {
  return new Date(at).toISOString();
}
