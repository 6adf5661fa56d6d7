import { Seeded } from '../seeded.js';
import { HOOK_PERMISSION, PROVET_PERMISSIONS, PROVET_RESOURCES } from './catalogue.js';
import { RateLimiter } from './rate-limiter.js';
import { RecordStore } from '../record-store.js';
import { generatedTimes, type GeneratorContext, type ResourceName } from './records/context.js';
import type { Hook } from './hook.js';
import type { ProvetResource } from './resource.js';
import type { WebhookRates } from './deliveries.js';

export interface Credential {
  readonly clientId: string;
  secret: string;
}

export interface IssuedToken {
  readonly clientId: string;
  readonly expiresAt: number;
}

export interface TenantOptions {
  readonly id: number;
  readonly name?: string | undefined;
  readonly clientId?: string | undefined;
  readonly secret?: string | undefined;
  /** Records of some resources by name, or a number for all. Departments 2, users 4, lists and price lists few unless named. */
  readonly records?: number | Partial<Record<ResourceName, number>> | undefined;
  /** The practice's clock against UTC. */
  readonly offsetMinutes?: number | undefined;
  readonly tokenSeconds?: number | undefined;
}

/** Everything that can be switched on one tenant from outside. */
export interface TenantSwitches {
  /** Off: no request is ever answered 429. */
  limits: boolean;
  /** Requests a minute that replace the vendor's, by `resource.operation` (`client.list`). */
  limitOverrides: Record<string, number>;
  /** Permissions or resource names that are refused with 403. */
  forbidden: Set<string>;
  /** Resources whose list form is complete although it usually is not, and the other way round. */
  listForm: Partial<Record<ResourceName, 'full' | 'reduced'>>;
  /** Filters that a resource ignores although it declares them, by `resource.filter` (`client.modified__gte`). */
  ignoredFilters: Set<string>;
  /** Everything below the tenant's path answers 404. */
  closed: 'no' | 'json' | 'html';
  /** `/hook/webhook/` calls its target so. */
  hookTarget: string;
  /** OPTIONS on it tells what POST takes. */
  hookOptions: boolean;
  /** A POST of a consultation is refused with a plain string instead of a list. */
  wantsCommunicationPreferences: boolean;
  /** How webhooks of this tenant misbehave; null: as the twin's default says. */
  webhooks: Partial<WebhookRates>;
}

/** One customer installation: its data, its credentials, its webhooks and its moods. */
export class ProvetTenant {
  readonly id: number;
  readonly name: string;
  readonly context: GeneratorContext;
  readonly credentials = new Map<string, Credential>();
  readonly tokens = new Map<string, IssuedToken>();
  readonly hooks = new Map<number, Hook>();
  readonly limiter = new RateLimiter();
  readonly switches: TenantSwitches = {
    limits: true,
    limitOverrides: {},
    forbidden: new Set(),
    listForm: {},
    ignoredFilters: new Set(),
    closed: 'no',
    hookTarget: 'target',
    hookOptions: true,
    wantsCommunicationPreferences: false,
    webhooks: {},
  };
  tokenSeconds: number;
  /** How many tokens were issued. */
  tokensIssued = 0;
  nextHookId = 1;
  /** Webhooks still to be lost, by what they are about (`client`, or `client/7`). */
  readonly dropNext = new Map<string, number>();
  readonly #stores = new Map<ResourceName, RecordStore>();

  constructor(options: TenantOptions, world: { seed: string; origin: string; epoch: number }) {
    const random = new Seeded(world.seed, 'tenant', options.id);
    this.id = options.id;
    this.name = options.name ?? `Clinic ${options.id}`;
    this.tokenSeconds = options.tokenSeconds ?? 36_000;
    this.context = {
      seed: world.seed,
      tenantId: options.id,
      api: `${world.origin}/${options.id}/api/0.1`,
      epoch: world.epoch,
      offsetMinutes: options.offsetMinutes ?? random.pick([-300, -60, 60, 120]),
      ...countsOf(options.records),
    };
    this.setCredential(options.clientId ?? `client-${options.id}`, options.secret ?? `secret-${random.hex(24)}`);
  }

  /** Adds a credential, or gives one a new secret; it is the newest then. Tokens live on. */
  setCredential(clientId: string, secret: string): Credential {
    const credential = { clientId, secret };
    // Put in anew, so that it stands last.
    this.credentials.delete(clientId);
    this.credentials.set(clientId, credential);
    return credential;
  }

  /** The newest credential: the one a hookup message carries. */
  get credential(): Credential {
    const newest = [...this.credentials.values()].at(-1);
    if (newest === undefined) throw new Error(`tenant ${this.id} has no credential left`);
    return newest;
  }

  /** Takes back every token, or those of one client. */
  revokeTokens(clientId?: string): number {
    const before = this.tokens.size;
    for (const [token, issued] of this.tokens) {
      if (clientId === undefined || issued.clientId === clientId) this.tokens.delete(token);
    }
    return before - this.tokens.size;
  }

  store(resource: ResourceName): RecordStore {
    let store = this.#stores.get(resource);
    if (store === undefined) {
      const rules = resourceNamed(resource);
      store = new RecordStore({
        count: rules.count(this.context),
        generate: (id) => rules.generate(this.context, id),
        generatedModified: (id) => generatedTimes(this.context, resource, id).modified,
      });
      this.#stores.set(resource, store);
    }
    return store;
  }

  allows(permission: string | null, resource: string): boolean {
    const { forbidden } = this.switches;
    return !forbidden.has(resource) && (permission === null || !forbidden.has(permission));
  }

  get grantedPermissions(): string[] {
    return PROVET_PERMISSIONS.filter((name) => !this.switches.forbidden.has(name));
  }

  /** Refuses or grants again a permission, a resource, or `hooks` (the permission of webhooks). */
  forbid(what: string, refused = true): void {
    const name = what === 'hooks' ? HOOK_PERMISSION : what;
    if (refused) this.switches.forbidden.add(name);
    else this.switches.forbidden.delete(name);
  }
}

/** Throws for a resource that the twin does not have. */
export function resourceNamed(name: ResourceName): ProvetResource {
  const resource = PROVET_RESOURCES.get(name);
  if (resource === undefined) throw new Error(`the twin does not model ${name}`);
  return resource;
}

function countsOf(records: TenantOptions['records']): Pick<GeneratorContext, 'counts' | 'every'> {
  const every = typeof records === 'number' ? records : 60;
  const named = typeof records === 'object' ? records : {};
  const usual = { client: every, patient: every, appointment: every, consultation: every, invoice: every };
  return { every, counts: { ...usual, department: 2, user: 4, ...named } };
}
