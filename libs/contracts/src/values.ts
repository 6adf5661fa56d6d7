import { z } from 'zod';
import { EXACT_ENVIRONMENTS } from './tenant-id.js';
import { VENDORS } from './services.js';

/*
 * The value of every topic that is not a record topic (contract §5). Objects tolerate unknown members: within a major
 * version members are only added. Instants are ISO 8601 in UTC with milliseconds.
 */
const instant = z.iso.datetime().describe('ISO 8601 instant in UTC');
const id = z.string().min(1);
const version = z.int().nonnegative().describe('grows with every change of this key, never falls');

export const GRANTS = ['client_credentials', 'authorization_code'] as const;
export type Grant = (typeof GRANTS)[number];

/** The ten members of Provet's registration message (vendor page `install_notifications.html`), secret sealed. */
export const hookupRegistration = z
  .looseObject({
    provet_id: z.int().min(1),
    client_id: id,
    client_secret: z.string().nullable().describe('sealed to the token-broker (JWE compact), or null as received'),
    algorithm: z.string().nullable(),
    authorization_grant_type: z.string(),
    client_type: z.enum(['confidential', 'public']),
    redirect_uris: z.string(),
    token_url: z.url(),
    authorize_url: z.url(),
    openid_autodiscovery_url: z.url().nullable(),
  })
  .describe('the registration as received');

export const hookupValue = z.looseObject({
  tenantId: id,
  credentialId: id,
  host: id,
  source: z.enum(['hookup', 'operator']).describe('through the hookup URL, or POST /tenants'),
  registration: hookupRegistration,
  receivedAt: instant,
});
export type HookupValue = z.infer<typeof hookupValue>;

export const TENANT_STATES = ['pending', 'active', 'awaiting-consent', 'suspended', 'withdrawn', 'purged'] as const;
export type TenantState = (typeof TENANT_STATES)[number];

export const TENANT_REASONS = [
  'operator',
  'credential-rejected',
  'consent-unconfirmed',
  'subscription-lost',
  'version-too-old',
  'not-found',
  'redirect-uri-mismatch',
] as const;
export type TenantReason = (typeof TENANT_REASONS)[number];

/** An invitation to consent. The invite itself goes to the practice and stands on no topic; this is what recognises it. */
export const consentInvite = z.looseObject({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('of the invite, in lower-case hexadecimal'),
  expiresAt: instant,
  replaceWorkingGrant: z.boolean().describe('the new grant may take the place of one that works'),
});
export type ConsentInvite = z.infer<typeof consentInvite>;

export const tenantValue = z.looseObject({
  tenantId: id,
  vendor: z.enum(VENDORS),
  state: z.enum(TENANT_STATES),
  reason: z.enum(TENANT_REASONS).nullable(),
  version,
  host: z.string().nullable().describe('Provet: lower-case host, with port unless https on 443'),
  scheme: z.enum(['https', 'http']).nullable().describe('Provet: http only for simulators'),
  provetId: z.int().min(1).nullable(),
  environment: z.enum(EXACT_ENVIRONMENTS).nullable(),
  practiceId: z.string().nullable(),
  grant: z.enum(GRANTS),
  credentialId: z.string().nullable().describe('the credential in force; null until one is proven'),
  externalId: z.string().nullable().describe("the integrator's own id of this practice"),
  displayName: z.string().nullable(),
  changedAt: instant,
  invites: z.array(consentInvite).optional().describe('invitations to consent that may still be open'),
  purgedAt: instant.optional().describe('all records that the relay had of it were ordered to be purged then'),
});
export type TenantValue = z.infer<typeof tenantValue>;

export const CREDENTIAL_HEALTH = ['proven', 'rejected', 'awaiting-consent', 'refused'] as const;
export type CredentialHealth = (typeof CREDENTIAL_HEALTH)[number];

/** EXACT: which of the scopes that the relay asks for the vendor grants. */
export const capabilities = z.looseObject({
  granted: z.array(z.string()).describe('sorted'),
  missing: z.array(z.string()).describe('asked for and not granted; sorted'),
});
export type Capabilities = z.infer<typeof capabilities>;

export const credentialValue = z.looseObject({
  credentialId: id,
  tenantId: id.describe('`exact:<environment>` for the EXACT client'),
  health: z.enum(CREDENTIAL_HEALTH),
  inForce: z.boolean().describe('the one whose tokens are used'),
  version,
  checkedAt: instant,
  expiresAt: instant.nullable().describe('of the newest access token'),
  code: z.string().nullable().describe('stable word for why it is not proven, e.g. invalid_client, no-secret'),
  consentedBy: z
    .string()
    .nullable()
    .optional()
    .describe('authorization code grant: who consented, as the vendor names them'),
  invalidSince: instant
    .nullable()
    .optional()
    .describe('the token endpoint has answered invalid_client without a break since then'),
  capabilities: capabilities.nullable().optional().describe('EXACT: null while it is not known'),
});
export type CredentialValue = z.infer<typeof credentialValue>;

export const tokenValue = z.looseObject({
  credentialId: id,
  scopes: z.string().describe('space-separated, sorted'),
  version,
  expiresAt: instant,
  sealed: z.string().describe("access token, sealed to the connector's key (JWE compact)"),
});
export type TokenValue = z.infer<typeof tokenValue>;

export const tokenCommandValue = z.looseObject({
  credentialId: id,
  scopes: z.string(),
  command: z.literal('invalidated'),
  version: version.describe('of the token that the vendor refused'),
  at: instant,
});
export type TokenCommandValue = z.infer<typeof tokenCommandValue>;

export const noticeValue = z.looseObject({
  noticeId: id,
  tenantId: id,
  trigger: z.union([z.int().min(1), z.literal('any')]),
  resource: z.string().nullable().describe('null: a trigger the relay has no resource for'),
  recordId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  receivedAt: instant,
});
export type NoticeValue = z.infer<typeof noticeValue>;

export const subscriptionListValue = z.looseObject({
  environment: z.enum(EXACT_ENVIRONMENTS),
  practiceIds: z.array(z.string().min(1)),
  observedAt: instant.describe('when the request that answered it was started'),
});
export type SubscriptionListValue = z.infer<typeof subscriptionListValue>;

export const practiceDetailsValue = z.looseObject({
  tenantId: id,
  environment: z.enum(EXACT_ENVIRONMENTS),
  practiceId: id,
  name: z.string().nullable(),
  country: z.string().nullable(),
  countrySubdivision: z.string().nullable().optional(),
  version: z.string().nullable().describe('pmsVersion as the vendor spells it'),
  tooOld: z.boolean().optional().describe('that version cannot answer any of the resources that are enabled'),
  updatedOn: z.string().nullable().optional().describe('as the vendor writes it'),
  observedAt: instant,
});
export type PracticeDetailsValue = z.infer<typeof practiceDetailsValue>;

export const SYNC_PHASES = ['waiting', 'backfill', 'live', 'forbidden', 'offline', 'paused', 'broken'] as const;
export type SyncPhase = (typeof SYNC_PHASES)[number];
export const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

const count = z.int().nonnegative();
export const syncCounters = z.looseObject({
  notices: count,
  duplicates: count.describe('notices whose fetch found nothing new'),
  late: count.describe('missed ones whose notice came afterwards'),
  missed: count.describe('changes found by the checks that no notice had announced'),
  healed: count.describe('missed ones that were published'),
  deleted: count.describe('tombstones published'),
});
export type SyncCounters = z.infer<typeof syncCounters>;

const triggerCounters = z.looseObject({
  notices: count,
  duplicates: count.describe('notices whose fetch found nothing new; of several for one fetch the last one says whose'),
  late: count,
  missed: count.describe('changes that this webhook should have announced'),
});

export const ACCESS_STANDINGS = ['ok', 'forbidden', 'unknown'] as const;
export type AccessStanding = (typeof ACCESS_STANDINGS)[number];

export const resourceAccess = z.looseObject({
  standing: z.enum(ACCESS_STANDINGS),
  permission: z.string().nullable().describe('to be asked for where it is forbidden, as the vendor names it'),
  checkedAt: instant,
});
export type ResourceAccess = z.infer<typeof resourceAccess>;

export const webhooksStatus = z.looseObject({
  state: z
    .enum(['in-place', 'forbidden', 'missing', 'off'])
    .describe('of this resource; forbidden: the relay may not make them; missing: made neither by it nor by people'),
  permission: z.string().nullable().describe('to be asked for so that the relay can make them'),
  departmentOnly: z
    .boolean()
    .describe('only hooks of single departments call: changes without one are found by checks'),
  queue: z
    .enum(['read', 'not-understood', 'not-allowed', 'not-read'])
    .describe("the vendor's own list of deliveries, where failed ones are found early"),
});
export type WebhooksStatus = z.infer<typeof webhooksStatus>;

export const PRESENCE_STANDINGS = ['online', 'sleeping', 'late', 'broken', 'unknown'] as const;

/** How a practice's own server stands, by the hours that were learnt from its answers. */
export const presenceStatus = z.looseObject({
  standing: z
    .enum(PRESENCE_STANDINGS)
    .describe(
      'sleeping: silent when it usually is, or on a day off of many; late: expected and silent; broken: for longer than it ever was; unknown: silent, its hours are not learnt yet',
    ),
  since: instant.nullable().describe('since when nothing has answered; null while it answers'),
  expectedAt: instant
    .nullable()
    .describe('when it is expected to answer; null: it should already, it does, or nobody knows'),
  unexpected: z.boolean().describe('somebody should look at it'),
});

export const syncStatusValue = z.looseObject({
  tenantId: id,
  vendor: z.enum(VENDORS),
  resource: id,
  phase: z.enum(SYNC_PHASES),
  reason: z.string().nullable(),
  backfill: z.looseObject({ done: count, total: count.nullable(), estimatedEndAt: instant.nullable() }).nullable(),
  snapshot: z
    .looseObject({
      completedAt: instant,
      offsets: z
        .record(z.string().regex(/^\d+$/), z.string().regex(/^\d+$/))
        .describe(
          'partition of the record topic → offset: whoever has read up to it there has the whole first reading',
        ),
    })
    .nullable()
    .optional()
    .describe('when the record topic held the whole first reading, and where it does; null = not yet'),
  history: z
    .looseObject({ startedAt: instant, done: count, completedAt: instant.nullable() })
    .nullable()
    .optional()
    .describe('the reading of the past, once; null: none was asked for, or it has not begun'),
  calls: z
    .looseObject({ lastHour: count, cap: count })
    .nullable()
    .optional()
    .describe(
      "calls to the practice's server in the last hour and how many are allowed; null: not counted by practice",
    ),
  completeAsOf: instant.nullable().describe('everything the vendor held then has been compared with the mirror'),
  lastCheckedAt: instant.nullable(),
  counters: syncCounters,
  triggers: z
    .record(z.string().regex(/^(\d+|any)$/), triggerCounters)
    .optional()
    .describe('the same by the number of the webhook trigger; `any` = of hooks made by hand for all triggers'),
  pace: z
    .looseObject({
      everySeconds: z.number().positive(),
      reason: z
        .enum(['usual', 'no-notices', 'notices-missed', 'missed-elsewhere'])
        .describe('oftener than usual where notices were missed, of this resource or of another one of the tenant'),
    })
    .nullable()
    .optional()
    .describe('how often changes are looked for that nobody has announced; null: only whole readings find them'),
  parked: count,
  unpublished: count,
  breaker: z.enum(BREAKER_STATES),
  presence: presenceStatus
    .nullable()
    .optional()
    .describe("of the practice's own server; null: the vendor has one for all, or it is not called"),
  access: resourceAccess.nullable().optional().describe('whether it may be read, as last probed; null: not probed yet'),
  webhooks: webhooksStatus.nullable().optional().describe('null: not looked at yet, or the vendor has none'),
  updatedAt: instant,
  version: version.optional(),
  heldDeletions: z
    .looseObject({ count, since: instant })
    .nullable()
    .optional()
    .describe('deletions that wait for a person, because there were too many at once'),
});
export type SyncStatusValue = z.infer<typeof syncStatusValue>;

const tally = z.looseObject({
  count,
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('sum modulo 2^256 of SHA-256 over `<id> NUL <instant of modified, or nothing>` of each record, as hex'),
});
const named = z.looseObject({ count, ids: z.array(z.string()).describe('the first hundred of them') });

/** What one whole reading of the vendor's list has shown beside what the relay held, before anything was healed. */
export const completenessValue = z.looseObject({
  tenantId: id,
  vendor: z.enum(VENDORS),
  resource: id,
  startedAt: instant.describe('when the reading was started'),
  checkedAt: instant.describe('when it was completed'),
  atVendor: tally,
  here: tally,
  unsettled: count.describe('records that changed during the reading: on neither side'),
  missingHere: named.describe('at the vendor, not here'),
  missingThere: named.describe('here, not at the vendor'),
  differing: named.describe('another time of change here than there'),
  version: version.optional(),
});
export type CompletenessValue = z.infer<typeof completenessValue>;

/** How the webhooks that the relay had made at a withdrawn tenant came to their end. */
export const hooksRemoval = z.looseObject({
  kind: z.literal('hooks'),
  tenantId: id,
  version,
  outcome: z.enum(['removed', 'left']).describe('left: some could not be removed, and it is not tried any more'),
  removed: count,
  reason: z.string().nullable().describe('stable word for why some are left, e.g. no-token, webhooks-forbidden'),
  withdrawnAt: instant.describe('`changedAt` of the tenant when it was withdrawn'),
  at: instant,
});
export type HooksRemoval = z.infer<typeof hooksRemoval>;

/** Receipt of a purge: what was there is a tombstone on the record topics and gone from the tables. */
export const purgeReceipt = z.looseObject({
  kind: z.literal('purge'),
  tenantId: id,
  version,
  purgedAt: instant.describe('that of the tenant: which purge this is'),
  upTo: version.describe('every record version up to this one is purged, also when a restored database knows it again'),
  records: z.record(z.string(), count).describe('tombstones by resource'),
  at: instant,
});
export type PurgeReceipt = z.infer<typeof purgeReceipt>;

export const withdrawalValue = z.discriminatedUnion('kind', [hooksRemoval, purgeReceipt]);
export type WithdrawalValue = z.infer<typeof withdrawalValue>;

export const auditValue = z.looseObject({
  at: instant,
  actor: z.string().describe('`operator:<name>`, `service:<name>`, or `person:<as the vendor names them>`'),
  action: z.string(),
  tenantId: z.string().nullable(),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
  entryId: z.string().optional().describe('An entry that is there twice has the same'),
});
export type AuditValue = z.infer<typeof auditValue>;
