import { OpeningKeys } from '@relay/sealing';
import {
  commonSettings,
  databaseSettings,
  defineSettings,
  outgoingHttpSettings,
  provetHostSettings,
  setting,
  type ConfigOf,
} from '@relay/service-kit';
import { webhookSigningKey } from '@relay/contracts';
import { engineSettings } from '@relay/sync-engine';
import { DEFAULT_RESOURCES, isInCatalogue } from './catalogue/catalogue.js';
import { nearestNames } from './catalogue/nearest-names.js';
import { WEBHOOK_MODES } from './webhooks/prepare-webhooks.js';

/** Everything that provet-sync reads from its environment (contract §2). */
export const settings = defineSettings({
  ...commonSettings,
  ...databaseSettings,
  ...outgoingHttpSettings,
  ...provetHostSettings,
  ...engineSettings,
  tokenPrivateJwks: setting.secret({
    env: 'PROVET_TOKEN_PRIVATE_JWKS',
    about: 'Opens the access tokens that token-broker has sealed for this connector',
    check: (value) => readable(() => OpeningKeys.parse(value), 'is no set of private keys (JWKS)'),
  }),
  publicUrl: setting.url({
    env: 'PUBLIC_URL',
    about: 'How Provet reaches the gateway; needed to provision webhooks',
    default: '',
    example: 'https://relay.example.com',
  }),
  webhookKeys: setting.list({
    env: 'WEBHOOK_KEYS',
    about: 'base64url 32-byte keys; the first makes webhook URLs; needed to provision webhooks',
    secret: true,
    default: [],
    check: (keys) => readable(() => keys.map(webhookSigningKey), 'must be base64url keys of 32 bytes each'),
  }),
  resources: setting.list({
    env: 'PROVET_RESOURCES',
    about: 'Kinds of Provet records that are relayed, of those that `npm run provet:catalogue` prints; all = every one',
    default: [...DEFAULT_RESOURCES],
    check: unknownResources,
  }),
  webhooks: setting.choice({
    env: 'PROVET_WEBHOOKS',
    about: 'provision = made by the relay where it may; manual = made by people; off = only checks, no webhooks',
    values: WEBHOOK_MODES,
    default: 'provision',
  }),
  webhookUrlField: setting.optionalText({
    env: 'PROVET_WEBHOOK_URL_FIELD',
    about: 'Member of /hook/webhook/ that takes the URL to call; default: learnt from the endpoint',
    pattern: /^\w+$/,
    patternText: "must be a member's name",
  }),
  reconcileSeconds: setting.seconds({
    env: 'PROVET_RECONCILE_SECONDS',
    about: 'How often changes are looked for that no webhook has announced',
    default: 900,
  }),
  reconcileSecondsWithoutWebhooks: setting.seconds({
    env: 'PROVET_RECONCILE_SECONDS_WITHOUT_WEBHOOKS',
    about: 'The same for a resource of which no webhook can be made and none has come; never slower than with webhooks',
    default: 300,
  }),
  queueSeconds: setting.seconds({
    env: 'PROVET_QUEUE_SECONDS',
    about: "How often Provet's own list of webhook deliveries is looked through for failed ones; 0 = never",
    min: 0,
    default: 300,
  }),
  queueMembers: setting.list({
    env: 'PROVET_QUEUE_MEMBERS',
    about: 'Members of a row of /hook/queue/, which Provet has not published: webhook, outcome, time',
    default: ['webhook', 'status', 'created'],
    check: (names) => (names.length === 3 ? null : 'must be three names: webhook, outcome, time'),
  }),
  queueFailed: setting.list({
    env: 'PROVET_QUEUE_FAILED',
    about: 'Words of its outcome that mean that a delivery has failed; a number fails unless it is 200',
    default: ['failed', 'error', 'refused', 'given-up'],
  }),
  newlyPermittedAtOnce: setting.integer({
    env: 'PROVET_NEWLY_PERMITTED_AT_ONCE',
    about: 'Practices of one process that read at once what they were permitted lately; the others wait their turn',
    min: 1,
    default: 5,
  }),
  sweepSeconds: setting.seconds({
    env: 'PROVET_SWEEP_SECONDS',
    about: 'How often all ids are compared, which finds deletions',
    default: 86_400,
  }),
  overlapSeconds: setting.seconds({
    env: 'PROVET_OVERLAP_SECONDS',
    about: 'How far a check reaches back behind the last one',
    default: 120,
  }),
  noticeGraceSeconds: setting.seconds({
    env: 'PROVET_NOTICE_GRACE_SECONDS',
    about: 'How late a webhook may be before its change counts as missed',
    min: 0,
    default: 60,
  }),
  budgetShare: setting.number({
    env: 'PROVET_BUDGET_SHARE',
    about: "Share of Provet's rate limits that is used; 0 = no limit, for simulators only",
    min: 0,
    max: 1,
    default: 0.9,
    check: (share, values) =>
      share === 0 && values['provetAllowHttp'] === false ? 'may be 0 only with PROVET_ALLOW_HTTP=true' : null,
  }),
  hostRequestsPerSecond: setting.integer({
    env: 'PROVET_HOST_REQUESTS_PER_SECOND',
    about:
      'Most requests a second to one host, over all practices of a process; 0 = no such limit: Provet publishes none',
    min: 0,
    default: 0,
  }),
  tenantConcurrency: setting.integer({
    env: 'PROVET_TENANT_CONCURRENCY',
    about: 'Calls in flight to one practice',
    min: 1,
    default: 4,
  }),
});

export type ProvetSyncConfig = ConfigOf<typeof settings>;

/** Rules between settings that only this service has. */
export function crossChecks(config: ProvetSyncConfig): string[] {
  if (config.webhooks !== 'provision') return [];
  const needed: readonly [string, boolean][] = [
    ['PUBLIC_URL', config.publicUrl !== ''],
    ['WEBHOOK_KEYS', config.webhookKeys.length > 0],
  ];
  return needed
    .filter(([, given]) => !given)
    .map(([name]) => `${name} is missing: PROVET_WEBHOOKS=provision makes webhook URLs with it`);
}

function unknownResources(names: readonly string[]): string | null {
  const unknown = names.filter((name) => name !== 'all' && !isInCatalogue(name));
  if (unknown.length === 0) return null;
  const told = unknown.map((name) => `${name} (nearest: ${nearestNames(name).join(', ')})`);
  return `names what is not in the catalogue: ${told.join('; ')}. \`npm run provet:catalogue\` prints all names`;
}

function readable(read: () => unknown, problem: string): string | null {
  try {
    read();
    return null;
  } catch {
    return problem;
  }
}
