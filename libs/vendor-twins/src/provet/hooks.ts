import type { TwinRecord } from '../json.js';
import { stamp } from '../times.js';
import type { HookContentType } from './deliveries.js';
import type { Hook } from './hook.js';
import type { ResourceName } from './records/context.js';
import { resourceNamed, type ProvetTenant } from './tenant.js';
import { triggersFor, type ChangeKind } from './triggers.js';
import type { ChangeOptions, ProvetWorld } from './world.js';

export interface RecordChange {
  readonly resource: ResourceName;
  readonly recordId: number;
  readonly kind: ChangeKind;
  readonly before: TwinRecord | null;
  readonly after: TwinRecord | null;
}

/** Queues a webhook for every matching hook, also for several of one trigger. Returns the triggers of which one was not lost. */
export function announce(
  world: ProvetWorld,
  tenant: ProvetTenant,
  change: RecordChange,
  options: ChangeOptions,
): number[] {
  if (options.notify === false) return [];
  const department = departmentOf(change, options);
  const rates = { ...world.rates, ...tenant.switches.webhooks };
  const lost = options.notify === 'drop' || takeDrop(tenant, change.resource, change.recordId);
  const announced: number[] = [];
  for (const trigger of triggersFor(resourceNamed(change.resource), change.kind, change.before, change.after)) {
    for (const hook of tenant.hooks.values()) {
      if (hook.trigger !== trigger || !hook.active) continue;
      if (hook.department !== null && hook.department !== department) continue;
      const fields = bodyFields(world, change, hook.contentType);
      const { id: hookId, target: url, contentType } = hook;
      const { recordId } = change;
      const request = { tenantId: tenant.id, hookId, trigger, recordId, url, contentType, fields };
      const queued = world.deliveries.add(request, rates, world.clock(), lost);
      if (queued && !announced.includes(trigger)) announced.push(trigger);
    }
  }
  return announced;
}

/** The department a change belongs to; none for an API change of a client or patient, as at the vendor. */
function departmentOf(change: RecordChange, options: ChangeOptions): string | null {
  const record = change.after ?? change.before;
  const member = change.resource === 'client' || change.resource === 'patient' ? 'home_department' : 'department';
  if (member === 'home_department' && options.by === 'api') return null;
  const department = record?.[member];
  return typeof department === 'string' ? department : null;
}

/** What kind of object and which one; invoices were seen to carry two members more. */
function bodyFields(
  world: ProvetWorld,
  change: RecordChange,
  contentType: HookContentType,
): Record<string, string | number> {
  const number = contentType === 2 && world.jsonIds === 'number';
  const id = number ? change.recordId : String(change.recordId);
  const extra = change.resource === 'invoice' ? { user: '1', timestamp: stamp(world.clock(), null) } : {};
  return { [resourceNamed(change.resource).bodyMember]: id, ...extra };
}

/** True when the next webhook about this is to be lost; uses one such order up. */
function takeDrop(tenant: ProvetTenant, resource: string, recordId: number): boolean {
  for (const key of [`${resource}/${recordId}`, resource]) {
    const left = tenant.dropNext.get(key) ?? 0;
    if (left === 0) continue;
    if (left === 1) tenant.dropNext.delete(key);
    else tenant.dropNext.set(key, left - 1);
    return true;
  }
  return false;
}

/** A hook in the form of the API. The member with the target is named as the tenant's switch says. */
export function hookForm(tenant: ProvetTenant, hook: Hook): TwinRecord {
  return {
    id: hook.id,
    url: `${tenant.context.api}/hook/webhook/${hook.id}/`,
    name: hook.name,
    trigger: hook.trigger,
    [tenant.switches.hookTarget]: hook.target,
    content_type: hook.contentType,
    active: hook.active,
    department: hook.department,
    created: stamp(hook.created, null),
    modified: stamp(hook.modified, null),
  };
}
