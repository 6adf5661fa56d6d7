import { memberText, type TwinRecord } from '../json.js';
import { Seeded } from '../seeded.js';
import { stamp } from '../times.js';
import { announce } from './hooks.js';
import type { ResourceName } from './records/context.js';
import { resourceNamed, type ProvetTenant } from './tenant.js';
import type { ChangeKind } from './triggers.js';
import type { ChangeOptions, ProvetWorld, PutOptions } from './world.js';

/** Creates a record (id null: the next free one) or changes one, and queues the webhooks. Returns the detail form. */
export function writeRecord(
  world: ProvetWorld,
  tenant: ProvetTenant,
  name: ResourceName,
  id: number | null,
  fields: TwinRecord,
  options: PutOptions = {},
): TwinRecord {
  const now = world.clock();
  const store = tenant.store(name);
  const recordId = id ?? store.takeId();
  const before = store.latest(recordId);
  const template = before === null || options.replace === true;
  const base = template ? resourceNamed(name).generate(tenant.context, recordId) : before;
  const modified = options.modifiedAt ?? Math.max(now, store.modifiedOf(recordId, Infinity) ?? 0);
  const record: TwinRecord = {
    ...base,
    ...fields,
    id: recordId,
    url: `${tenant.context.api}/${resourceNamed(name).path}/${recordId}/`,
    ...changeStamps(tenant, name, recordId, { base, before, created: now, modified }),
  };
  store.put(recordId, record, modified, now + (options.visibleAfterMs ?? 0));
  noteChange(
    world,
    tenant,
    name,
    recordId,
    before === null ? 'created' : 'updated',
    { before, after: record },
    options,
  );
  return record;
}

/** Removes a record for good. False when there is none. */
export function removeRecord(
  world: ProvetWorld,
  tenant: ProvetTenant,
  name: ResourceName,
  id: number,
  options: ChangeOptions = {},
): boolean {
  const now = world.clock();
  const store = tenant.store(name);
  const before = store.latest(id);
  if (before === null) return false;
  store.delete(id, now, now + (options.visibleAfterMs ?? 0));
  noteChange(world, tenant, name, id, 'deleted', { before, after: null }, options);
  return true;
}

export interface MergeRequest {
  readonly survivor: number;
  readonly alias: number;
  /** Patients only: the alias can stay readable, archived and with `merge_patient` set. Default: it is gone. */
  readonly aliasStays?: boolean | undefined;
}

/** Merges one client or patient into another. Throws when either is missing. */
export function mergeRecords(
  world: ProvetWorld,
  tenant: ProvetTenant,
  name: 'client' | 'patient',
  merge: MergeRequest,
  options: ChangeOptions = {},
): TwinRecord {
  const survivor = tenant.store(name).latest(merge.survivor);
  const alias = tenant.store(name).latest(merge.alias);
  if (survivor === null || alias === null) throw new Error(`both ${name}s of a merge must exist`);
  if (name === 'client') {
    const moved = linksOf(alias['patients']);
    for (const url of moved) {
      const patient = Number(/(\d+)\/$/.exec(url)?.[1]);
      // One that is gone stays in the list of its client, and is not brought back by it.
      if (tenant.store('patient').latest(patient) === null) continue;
      writeRecord(world, tenant, 'patient', patient, { client: survivor['url'] ?? null }, options);
    }
    removeRecord(world, tenant, name, merge.alias, options);
    const patients = [...linksOf(survivor['patients']), ...moved];
    return writeRecord(world, tenant, name, merge.survivor, { patients }, options);
  }
  if (merge.aliasStays === true) {
    const fields = { merge_patient: survivor['url'] ?? null, archived: true };
    writeRecord(world, tenant, name, merge.alias, fields, options);
  } else {
    removeRecord(world, tenant, name, merge.alias, options);
  }
  const merged = [...linksOf(survivor['merged_patient']), memberText(alias, 'url')];
  return writeRecord(world, tenant, name, merge.survivor, { merged_patient: merged }, options);
}

function linksOf(value: TwinRecord[string] | undefined): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** `created` and `modified`, where the resource has them: right after creation with microseconds. */
function changeStamps(
  tenant: ProvetTenant,
  name: ResourceName,
  id: number,
  change: { base: TwinRecord; before: TwinRecord | null; created: number; modified: number },
): TwinRecord {
  const { base, before, created, modified } = change;
  const offset = resourceNamed(name).utcTimes ? null : tenant.context.offsetMinutes;
  const micros = new Seeded(tenant.context.seed, tenant.id, name, id, 'micros');
  const isNew = before === null;
  const stamps: TwinRecord = {};
  if (base['created'] !== undefined) {
    stamps['created'] = isNew ? stamp(created, offset, micros.below(900)) : (before['created'] ?? null);
  }
  if (base['modified'] !== undefined) stamps['modified'] = stamp(modified, offset, isNew ? 900 + micros.below(99) : 0);
  return stamps;
}

function noteChange(
  world: ProvetWorld,
  tenant: ProvetTenant,
  resource: ResourceName,
  recordId: number,
  kind: ChangeKind,
  states: { before: TwinRecord | null; after: TwinRecord | null },
  options: ChangeOptions,
): void {
  const announced = announce(world, tenant, { resource, recordId, kind, ...states }, options);
  const by = options.by ?? 'person';
  world.changes.push({ at: world.clock(), tenantId: tenant.id, resource, recordId, kind, by, announced });
}
