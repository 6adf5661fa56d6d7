import { formFields, response, type TwinRequest, type TwinResponse } from '../http.js';
import { isObject, type TwinRecord } from '../json.js';
import type { ProvetResource } from './resource.js';
import { removeRecord, writeRecord } from './changes.js';
import { shownForm } from './list-query.js';
import { detail, invalid, json, notFound } from './replies.js';
import type { ProvetTenant } from './tenant.js';
import type { ProvetWorld } from './world.js';

/** The members that a request carries, from JSON or a form; a response when they cannot be read. */
export function bodyOf(request: TwinRequest): { fields: TwinRecord } | { refusal: TwinResponse } {
  if (request.body === '') return { fields: {} };
  const fields = formFields(request.headers['content-type'], request.body);
  if (fields !== null) return { fields: Object.fromEntries(fields) };
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return { refusal: detail(415, `Unsupported media type "${request.headers['content-type'] ?? ''}" in request.`) };
  }
  try {
    const value: unknown = JSON.parse(request.body);
    if (isObject(value)) return { fields: value };
    return { refusal: invalid({ non_field_errors: ['Invalid data. Expected a dictionary.'] }) };
  } catch {
    return { refusal: detail(400, 'JSON parse error - Expecting value: line 1 column 1 (char 0)') };
  }
}

export function createReply(
  world: ProvetWorld,
  tenant: ProvetTenant,
  resource: ProvetResource,
  body: TwinRecord,
): TwinResponse {
  if (resource.name === 'consultation' && tenant.switches.wantsCommunicationPreferences) {
    // The application's own refusals are plain strings, not lists.
    return invalid({ client: 'Please update communication preferences' });
  }
  const problems = problemsOf(resource, body, resource.required);
  if (problems !== null) return invalid(problems);
  const record = writeRecord(world, tenant, resource.name, null, writable(resource, body), { by: 'api' });
  return json(201, shownForm(resource, record), resource.floats);
}

export function updateReply(
  world: ProvetWorld,
  tenant: ProvetTenant,
  resource: ProvetResource,
  id: number,
  change: { body: TwinRecord; whole: boolean },
): TwinResponse {
  if (tenant.store(resource.name).get(id, world.clock()) === null) return notFound();
  const problems = problemsOf(resource, change.body, change.whole ? resource.required : []);
  if (problems !== null) return invalid(problems);
  const record = writeRecord(world, tenant, resource.name, id, writable(resource, change.body), { by: 'api' });
  return json(200, shownForm(resource, record), resource.floats);
}

export function deleteReply(
  world: ProvetWorld,
  tenant: ProvetTenant,
  resource: ProvetResource,
  id: number,
): TwinResponse {
  if (!removeRecord(world, tenant, resource.name, id, { by: 'api' })) return notFound();
  return response(204, {}, '');
}

/** `POST /appointment/{id}/cancel_appointment/` and `POST /consultation/{id}/update_status/`. */
export function actionReply(
  world: ProvetWorld,
  tenant: ProvetTenant,
  resource: ProvetResource,
  action: { id: number; name: ProvetAction; body: TwinRecord },
): TwinResponse {
  const { id, name, body } = action;
  if (tenant.store(resource.name).get(id, world.clock()) === null) return notFound();
  const status = Number(body['status'] ?? Number.NaN);
  if (name === 'update_status' && !Number.isInteger(status)) return invalid({ status: ['This field is required.'] });
  const fields: TwinRecord = name === 'update_status' ? { status } : { active: 0 };
  return json(200, writeRecord(world, tenant, resource.name, id, fields, { by: 'api' }), resource.floats);
}

export const PROVET_ACTIONS = { update_status: 'consultation', cancel_appointment: 'appointment' } as const;
export type ProvetAction = keyof typeof PROVET_ACTIONS;

function problemsOf(
  resource: ProvetResource,
  body: TwinRecord,
  required: readonly string[],
): Record<string, string[]> | null {
  const missing = required.filter((member) => body[member] === undefined);
  const blank = resource.required.filter((member) => body[member] === '');
  const problems = [
    ...missing.map((member) => [member, ['This field is required.']] as const),
    ...blank.map((member) => [member, ['This field may not be blank.']] as const),
  ];
  return problems.length === 0 ? null : Object.fromEntries(problems);
}

/** Unknown and read-only members are ignored without a word. */
function writable(resource: ProvetResource, body: TwinRecord): TwinRecord {
  return Object.fromEntries(Object.entries(body).filter(([member]) => !resource.readOnly.includes(member)));
}
