import { recordTopic, type CompletenessValue, type NoticeValue } from '@relay/contracts';
import type { ProvetModel } from '../provet-model.js';
import {
  nameOf,
  type AcceptedNotice,
  type Evidence,
  type Mirrored,
  type Published,
  type Reading,
  type RecordName,
  type Report,
  type Span,
  type Told,
} from './evidence.js';
import type { Plan } from './plan.js';

/** The pace of a run. */
export const RULES = { graceMs: 60_000, reconcileMs: 300_000, sweepMs: 1_500_000 } as const;

interface Sources {
  readonly model: ProvetModel;
  readonly plan: Plan;
  /** The twin's tenants and their ids at the relay. */
  readonly tenants: ReadonlyMap<number, string>;
  readonly history: Evidence['history'];
  readonly disturbed: readonly Span[];
  readonly restoredAt: number | null;
}

/** Collects the evidence of a run from the twin, the log and the tables. */
export function gather({ model, plan, tenants, history, disturbed, restoredAt }: Sources): Evidence {
  return {
    resources: plan.resources.map(({ name, shape }) => ({
      name,
      announced: shape !== 'unannounced',
      delta: shape !== 'no-delta',
      volatile: name === 'patient' ? ['picture'] : [],
    })),
    history,
    notices: noticesOf(model, plan),
    readings: readingsOf(model, tenants),
    log: plan.resources.flatMap(({ name }) => publishedOf(model, name)),
    mirror: mirrorOf(model),
    told: toldOf(model),
    reports: reportsOf(model),
    hookedSince: hookedSince(model, plan, tenants),
    disturbed,
    restoredAt,
    ...RULES,
  };
}

function noticesOf(model: ProvetModel, plan: Plan): AcceptedNotice[] {
  const enabled = new Set<string>(plan.resources.map(({ name }) => name));
  return model.log
    .messages('notice.v1')
    .map(({ value }) => JSON.parse(value ?? '') as NoticeValue)
    .filter(({ resource }) => resource !== null && enabled.has(resource))
    .map(({ tenantId, resource, recordId, receivedAt }) => ({
      record: nameOf(tenantId, resource as string, recordId),
      receivedAt: Date.parse(receivedAt),
    }));
}

function readingsOf(model: ProvetModel, tenants: ReadonlyMap<number, string>): Reading[] {
  return model.twin.requests.list(/^GET/).flatMap(({ at, path, status, scope }) => {
    const match = /\/api\/0\.1\/([a-z]+)\/(\d+)\/$/.exec(path);
    const tenantId = tenants.get(Number(scope));
    if (match === null || tenantId === undefined || (status !== 200 && status !== 404)) return [];
    return [{ record: nameOf(tenantId, match[1] as string, match[2] as string), at }];
  });
}

function publishedOf(model: ProvetModel, resource: string): Published[] {
  return model.log.messages(recordTopic('provet', resource)).map(({ key, value, headers, at }) => {
    const tenantId = headers['ce_tenantid'] ?? '';
    return { record: nameOf(tenantId, resource, key.slice(tenantId.length + 1)), at, value, headers };
  });
}

function mirrorOf(model: ProvetModel): Map<RecordName, Mirrored> {
  const { record, body } = model.database.rows;
  return new Map(
    [...record.rows.values()].map(({ row }) => {
      const name = nameOf(row.tenantId, row.resource, row.recordId);
      return [name, { version: row.version, text: row.deleted ? null : (body.rows.get(name)?.body ?? null) }];
    }),
  );
}

function toldOf(model: ProvetModel): Told[] {
  const liveSaidAt = new Map<string, number>();
  const last = new Map<string, Omit<Told, 'liveSaidAt'>>();
  for (const { key, value, at } of model.log.messages('sync-status.v1')) {
    if (value === null) continue;
    const status = JSON.parse(value) as Omit<Told, 'liveSaidAt'>;
    if (status.phase === 'live' && !liveSaidAt.has(key)) liveSaidAt.set(key, at);
    last.set(key, status);
  }
  return [...last].map(([key, status]) => ({ ...status, liveSaidAt: liveSaidAt.get(key) ?? Infinity }));
}

function reportsOf(model: ProvetModel): Report[] {
  return model.log.messages('completeness.v1').flatMap(({ value }) => {
    if (value === null) return [];
    const report = JSON.parse(value) as CompletenessValue;
    const { missingHere, missingThere, differing } = report;
    const named = { missingHere: missingHere.ids, missingThere: missingThere.ids, differing: differing.ids };
    return [{ ...report, ...named, startedAt: Date.parse(report.startedAt), checkedAt: Date.parse(report.checkedAt) }];
  });
}

/** Since when all of a resource's webhooks have existed. */
function hookedSince(model: ProvetModel, plan: Plan, tenants: ReadonlyMap<number, string>): Map<string, number> {
  const since = new Map<string, number>();
  for (const [id, tenantId] of tenants) {
    const created = [...model.twin.tenant(id).hooks.values()].map((hook) => hook.created);
    for (const { name } of plan.resources) {
      since.set(`${tenantId}\0${name}`, created.length === 0 ? Infinity : Math.max(...created));
    }
  }
  return since;
}
