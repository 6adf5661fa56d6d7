import { EXACT_KINDS, EXACT_SCOPES, MODELLED_RESOURCES, type JsonValue, type TwinRecord } from '@relay/vendor-twins';
import { z } from 'zod';

const share = z.number().min(0).max(1);
const milliseconds = z.number().int().min(0);
const json: z.ZodType<JsonValue> = z.json();

/** Any object: the members of a record are the vendor's business. */
export const recordBody: z.ZodType<TwinRecord> = z.record(z.string(), json);

export const resourceName = z.enum(MODELLED_RESOURCES);
export const kindName = z.enum(EXACT_KINDS);

export const tenantBody = z.strictObject({
  id: z.number().int().positive(),
  name: z.string().min(1).optional(),
  clientId: z.string().min(1).optional(),
  secret: z.string().min(1).optional(),
  records: z.union([z.number().int().min(0), z.partialRecord(resourceName, z.number().int().min(0))]).optional(),
  offsetMinutes: z.number().int().min(-840).max(840).optional(),
  tokenSeconds: z.number().int().positive().optional(),
});
export type TenantBody = z.infer<typeof tenantBody>;

export const hookupBody = z.strictObject({
  url: z.url(),
  overrides: z.record(z.string(), z.unknown()).optional(),
  spelling: z.enum(['underscore', 'hyphen']).optional(),
});
export type HookupBody = z.infer<typeof hookupBody>;

export const hookBody = z.strictObject({
  name: z.string().optional(),
  trigger: z.number().int().min(1).max(68).optional(),
  target: z.url().optional(),
  contentType: z.union([z.literal(1), z.literal(2)]).optional(),
  active: z.boolean().optional(),
  department: z.string().nullable().optional(),
});
export type HookBody = z.infer<typeof hookBody>;

export const ratesBody = z.strictObject({
  drop: share.optional(),
  duplicate: share.optional(),
  duplicateMs: milliseconds.optional(),
  late: share.optional(),
  lateMs: milliseconds.optional(),
  reorder: share.optional(),
  reorderMs: milliseconds.optional(),
  delayMs: milliseconds.optional(),
  jsonIds: z.enum(['string', 'number']).optional(),
  /** Pauses before the repeats of a webhook that was not answered 200; as many repeats as there are pauses. */
  retryPausesMs: z.array(milliseconds).max(100).optional(),
});
export type RatesBody = z.infer<typeof ratesBody>;

export const switchesBody = z.strictObject({
  limits: z.boolean().optional(),
  limitOverrides: z.record(z.string(), z.number().int().min(0)).optional(),
  forbid: z.array(z.string()).optional(),
  allow: z.array(z.string()).optional(),
  listForm: z.partialRecord(resourceName, z.enum(['full', 'reduced'])).optional(),
  ignoredFilters: z.array(z.string()).optional(),
  closed: z.enum(['no', 'json', 'html']).optional(),
  hookTarget: z.string().min(1).optional(),
  hookOptions: z.boolean().optional(),
  wantsCommunicationPreferences: z.boolean().optional(),
  tokenSeconds: z.number().int().positive().optional(),
  webhooks: ratesBody.omit({ jsonIds: true, retryPausesMs: true }).optional(),
});
export type SwitchesBody = z.infer<typeof switchesBody>;

export const credentialBody = z.strictObject({ secret: z.string().min(1) });
export const revokeBody = z.strictObject({ clientId: z.string().optional() });
export const dropBody = z.strictObject({
  resource: resourceName,
  recordId: z.number().int().positive().optional(),
  times: z.number().int().positive().optional(),
});
export const mergeBody = z.strictObject({
  survivor: z.number().int().positive(),
  alias: z.number().int().positive(),
  aliasStays: z.boolean().optional(),
});

/** Query of a change to a record. */
export const changeQuery = z.strictObject({
  notify: z
    .enum(['true', 'false', 'drop'])
    .optional()
    .transform((value) => (value === 'drop' ? value : value !== 'false')),
  by: z.enum(['person', 'api']).optional(),
  visibleAfterMs: z.coerce.number().int().min(0).optional(),
  modifiedAt: z.coerce.number().int().optional(),
});
export type ChangeQuery = z.infer<typeof changeQuery>;

export const faultBody = z.strictObject({
  vendor: z.enum(['provet', 'exact']),
  scope: z.string().optional(),
  method: z.string().optional(),
  path: z
    .string()
    .refine((text) => isPattern(text), 'is not a regular expression')
    .optional(),
  times: z.number().int().positive().optional(),
  rate: share.optional(),
  delayMs: milliseconds.optional(),
  effect: z
    .union([
      z.strictObject({
        kind: z.literal('status'),
        status: z.number().int().min(200).max(599),
        body: z.string().optional(),
        headers: z.record(z.string(), z.string()).optional(),
      }),
      z.strictObject({ kind: z.enum(['reset', 'hang', 'garbage']) }),
    ])
    .optional(),
  after: z.boolean().optional(),
});
export type FaultBody = z.infer<typeof faultBody>;

export const practiceBody = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1).optional(),
  country: z.string().optional(),
  version: z.string().optional(),
  subscribed: z.boolean().optional(),
  records: z.union([z.number().int().min(0), z.partialRecord(kindName, z.number().int().min(0))]).optional(),
  utcOffsetMinutes: z.number().int().optional(),
});
export type PracticeBody = z.infer<typeof practiceBody>;

export const practiceStateBody = z.strictObject({
  subscribed: z.boolean().optional(),
  version: z.string().optional(),
  mode: z.enum(['online', 'offline', 'faulty', 'timeout']).optional(),
  delayMs: milliseconds.optional(),
  faultyRecords: z.array(z.string()).optional(),
  timeoutLongerThanDays: z.number().positive().nullable().optional(),
  conflicts: z.array(z.string()).optional(),
  statusNames: z.enum(['current', 'old']).optional(),
  listSpelling: z.enum(['as-made', 'upper', 'lower']).optional(),
});
export type PracticeStateBody = z.infer<typeof practiceStateBody>;

export const exactBody = z.strictObject({
  gateway: z
    .strictObject({
      mode: z.enum(['up', 'fault']).optional(),
      subscriptionFault: z.number().int().min(400).max(599).nullable().optional(),
      emptySubscriptions: z.boolean().optional(),
      hideOnce: z.array(z.string()).optional(),
      errorBodies: z.enum(['plain', 'json', 'mixed']).optional(),
    })
    .optional(),
  pages: z
    .strictObject({
      bytes: z.number().int().positive().optional(),
      form: z.enum(['header', 'wrapper']).optional(),
      header: z.string().min(1).toLowerCase().optional(),
      listMember: z.string().min(1).optional(),
      tokenMember: z.string().min(1).optional(),
      ttlMs: milliseconds.optional(),
      emptyEvery: z.number().int().min(0).optional(),
    })
    .optional(),
  tokenSeconds: z.number().int().positive().optional(),
  /** Where tokens are asked for: the discovery document names it. */
  tokenPath: z
    .string()
    .regex(/^\/[a-z0-9/-]+$/, 'must be a path of small letters, digits and hyphens')
    .optional(),
});
export type ExactBody = z.infer<typeof exactBody>;

export const clientBody = z.strictObject({
  secret: z.string().min(1),
  scopes: z.array(z.enum(EXACT_SCOPES)).optional(),
});
export type ClientBody = z.infer<typeof clientBody>;

export const clientScopesBody = z.strictObject({ scopes: z.array(z.enum(EXACT_SCOPES)) });
export type ClientScopesBody = z.infer<typeof clientScopesBody>;

export const lifeBody = z.strictObject({
  running: z.boolean().optional(),
  seconds: z.number().min(0.01).optional(),
  /** Changes to make at once, in each vendor. */
  steps: z.number().int().min(0).max(10_000).optional(),
});
export type LifeBody = z.infer<typeof lifeBody>;

export const requestsQuery = z.strictObject({
  vendor: z.enum(['provet', 'exact']).optional(),
  match: z
    .string()
    .refine((text) => isPattern(text), 'is not a regular expression')
    .optional(),
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(0).max(10_000).optional(),
});
export type RequestsQuery = z.infer<typeof requestsQuery>;

export const deliveriesQuery = z.strictObject({
  tenantId: z.coerce.number().int().optional(),
  trigger: z.coerce.number().int().optional(),
  recordId: z.coerce.number().int().optional(),
  outcome: z.enum(['queued', 'dropped', 'accepted', 'refused', 'given-up']).optional(),
});
export type DeliveriesQuery = z.infer<typeof deliveriesQuery>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
