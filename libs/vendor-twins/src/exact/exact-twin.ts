import { FaultBook } from '../faults.js';
import { delayed, jsonResponse, response, type TwinReply, type TwinRequest, type TwinResponse } from '../http.js';
import type { TwinRecord } from '../json.js';
import { RequestLog } from '../request-log.js';
import { Ring } from '../ring.js';
import { Seeded } from '../seeded.js';
import { epochOf } from '../times.js';
import { removeObject, writeObject, type ExactChange, type ExactWorld } from './changes.js';
import { isOlderVersion } from './dates.js';
import type { ExactKind } from './guid.js';
import { ExactLife } from './life.js';
import { defaultPageRules, type PageRules } from './pages.js';
import { ExactPractice, type PracticeOptions } from './practice.js';
import {
  contactDetailsReply,
  contactReply,
  listReply,
  oneReply,
  patchReply,
  type PracticeCall,
} from './practice-api.js';
import { findExactRoute, rulesOf, type ExactRoute } from './routes.js';
import { EXACT_SCOPES, ExactTokens, type ExactClient } from './tokens.js';

export interface ExactTwinOptions {
  readonly seed: string;
  readonly origin: string;
  readonly clock: () => number;
  readonly environment?: 'qa' | 'production' | undefined;
  readonly epoch?: number | undefined;
}

/** How the vendor's cloud itself behaves. */
export interface ExactGateway {
  /** fault: 500 on every call to a practice. */
  mode: 'up' | 'fault';
  /** Status of the subscription list instead of the list; null: the list. */
  subscriptionFault: number | null;
  /** Every call to the list is answered with an empty one. */
  emptySubscriptions: boolean;
  /** Practices left out of the next list only. */
  hideOnce: Set<string>;
  /** Error bodies are plain text, JSON strings, or by chance either. */
  errorBodies: 'plain' | 'json' | 'mixed';
}

const OLDEST_VERSION = '13.842';
const OLDEST_FOR_PATCH = '13.856';
type DataRoute = Exclude<ExactRoute, { kind: 'token' | 'discovery' }>;
type PracticeRoute = Exclude<DataRoute, { kind: 'subscriptions' }>;

/** One environment of EXACT: its identity server, its list of subscriptions, its practices. Two twins share nothing. */
export class ExactTwin {
  readonly environment: 'qa' | 'production';
  readonly faults: FaultBook;
  readonly requests = new RequestLog();
  readonly practices = new Map<string, ExactPractice>();
  readonly tokens: ExactTokens;
  readonly pages: PageRules = defaultPageRules();
  readonly gateway: ExactGateway = {
    mode: 'up',
    subscriptionFault: null,
    emptySubscriptions: false,
    hideOnce: new Set(),
    errorBodies: 'mixed',
  };
  readonly #world: ExactWorld;
  readonly #life: ExactLife;
  #errors = 0;
  #pages = 0;

  constructor(options: ExactTwinOptions) {
    const { seed, clock } = options;
    this.environment = options.environment ?? 'qa';
    this.faults = new FaultBook(`${seed}|exact`);
    this.tokens = new ExactTokens({ seed: `${seed}|${this.environment}`, issuer: options.origin });
    const epoch = options.epoch ?? epochOf(clock());
    this.#world = { seed: `${seed}|${this.environment}`, epoch, clock, changes: new Ring<ExactChange>(50_000) };
    this.#life = new ExactLife(this.#world, this.practices);
  }

  /** Scheme, host and port under which the twin is reached, without a slash at the end. */
  get origin(): string {
    return this.tokens.issuer;
  }

  moveTo(origin: string): void {
    this.tokens.issuer = origin;
  }

  /** Accepts a client; scopes default to all that exist. */
  addClient(client: { id: string; secret: string; scopes?: readonly string[] }): ExactClient {
    const added: ExactClient = { id: client.id, secret: client.secret, scopes: client.scopes ?? EXACT_SCOPES };
    this.tokens.clients.set(client.id, added);
    return added;
  }

  /** Adds a practice, or replaces the one of that id. */
  addPractice(options: PracticeOptions): ExactPractice {
    const practice = new ExactPractice(options, this.#world);
    this.practices.set(options.id, practice);
    return practice;
  }

  /** Throws when there is no such practice. */
  practice(id: string): ExactPractice {
    const practice = this.practices.get(id);
    if (practice === undefined) throw new Error(`there is no practice ${id}`);
    return practice;
  }

  /** Creates (guid null or unknown) or changes an object. Nobody is told: EXACT has no webhooks. */
  put(practiceId: string, kind: ExactKind, guid: string | null, fields: TwinRecord): TwinRecord {
    return writeObject(this.#world, this.practice(practiceId), kind, guid, fields);
  }

  /** Changes how a patient can be reached. False when there is no such patient. Nothing else of the patient changes. */
  putContact(practiceId: string, guid: string, fields: TwinRecord): boolean {
    const practice = this.practice(practiceId);
    const index = practice.indexOf('patient', guid);
    if (index === null || practice.record('patient', index) === null) return false;
    practice.contacts.set(index, { ...practice.contacts.get(index), ...fields });
    return true;
  }

  remove(practiceId: string, kind: ExactKind, guid: string): boolean {
    return removeObject(this.#world, this.practice(practiceId), kind, guid);
  }

  /** An object as the API writes it now; null when there is none. */
  record(practiceId: string, kind: ExactKind, guid: string): TwinRecord | null {
    const practice = this.practice(practiceId);
    const index = practice.indexOf(kind, guid);
    return index === null ? null : practice.record(kind, index);
  }

  /** All objects of a kind, in number order. */
  records(practiceId: string, kind: ExactKind): TwinRecord[] {
    const practice = this.practice(practiceId);
    return [...practice.store(kind).ids(Infinity)].flatMap((index) => {
      const record = practice.record(kind, index);
      return record === null ? [] : [record];
    });
  }

  get changes(): Ring<ExactChange> {
    return this.#world.changes;
  }

  /** Makes one change of the life script in some practice. */
  live(): ExactChange | null {
    return this.#life.step();
  }

  handle(request: TwinRequest): TwinReply {
    const now = this.#world.clock();
    const url = new URL(this.origin + request.url);
    const found = findExactRoute(url.pathname, this.tokens.path);
    const scope = found !== null && 'practiceId' in found.route ? found.route.practiceId : '';
    const caller = this.tokens.bearer(request, now)?.clientId ?? null;
    const at = { scope, method: request.method, url: request.url };
    const reply = this.faults.through(at, () => this.#answer(found?.route ?? null, request, url, now));
    this.requests.note({
      at: now,
      method: request.method,
      path: request.url,
      route: found?.template ?? '(unknown)',
      scope,
      caller,
      status: reply.kind === 'response' ? reply.status : 0,
    });
    return reply;
  }

  #answer(route: ExactRoute | null, request: TwinRequest, url: URL, now: number): TwinReply {
    if (route === null) return this.#error(404, 'Not found');
    if (route.kind === 'token') return this.tokens.reply(request, now);
    if (route.kind === 'discovery') return this.tokens.discovery();
    const bearer = this.tokens.bearer(request, now);
    if (bearer === null) return this.#error(401, 'The token is missing, unknown or expired');
    const { scope, methods } = rulesOf(route, request.method);
    if (!methods.includes(request.method)) return response(405, { allow: methods.join(', ') }, '');
    if (!bearer.scopes.has(scope)) return this.#error(403, `The token lacks the scope ${scope}`);
    if (route.kind === 'subscriptions') return this.#subscriptions();
    const practice = this.practices.get(route.practiceId);
    if (practice === undefined) return this.#error(404, 'Unknown practice');
    if (!practice.subscribed) return this.#error(403, 'The practice has no active subscription');
    if (this.gateway.mode === 'fault') return this.#error(500, 'Internal error');
    if (route.kind === 'details') return jsonResponse(200, JSON.stringify(practice.details()));
    const call = { practice, request, query: url.searchParams, now, error: this.#error };
    return this.#atPractice(route, call, bearer.scopes);
  }

  #atPractice(
    route: Exclude<PracticeRoute, { kind: 'details' }>,
    call: PracticeCall,
    scopes: ReadonlySet<string>,
  ): TwinReply {
    const { mode, delayMs } = call.practice.state;
    switch (mode) {
      case 'offline':
        return this.#error(503, 'The practice cannot be reached');
      case 'timeout':
        return delayed(this.#error(504, 'The practice did not answer in time'), delayMs);
      case 'faulty':
        return delayed(this.#error(502, 'The practice could not process the request'), delayMs);
      case 'online':
        return delayed(this.#data(route, call, scopes), delayMs);
      default:
        return mode satisfies never;
    }
  }

  #data(
    route: Exclude<PracticeRoute, { kind: 'details' }>,
    call: PracticeCall,
    scopes: ReadonlySet<string>,
  ): TwinResponse {
    const { practice, request } = call;
    const needed = request.method === 'PATCH' ? OLDEST_FOR_PATCH : OLDEST_VERSION;
    if (isOlderVersion(practice.version, needed)) return this.#error(501, `EXACT ${practice.version} cannot do this`);
    switch (route.kind) {
      case 'list':
        this.#pages += 1;
        return listReply(call, route.of, this.pages, this.#pages);
      case 'one':
        if (request.method === 'GET') return oneReply(call, route.of, route.guid);
        return patchReply(call, route.guid, (fields) => this.put(practice.id, route.of, route.guid, fields));
      case 'contact-details':
        return contactDetailsReply(call, route.guid, scopes);
      case 'contact':
        return contactReply(call, route.guid);
      default:
        return route satisfies never;
    }
  }

  #subscriptions(): TwinResponse {
    const { subscriptionFault, emptySubscriptions, hideOnce } = this.gateway;
    if (subscriptionFault !== null) return this.#error(subscriptionFault, 'The list is not available');
    const subscribed = [...this.practices.values()].filter(
      (practice) => practice.subscribed && !hideOnce.has(practice.id),
    );
    hideOnce.clear();
    return jsonResponse(200, JSON.stringify(emptySubscriptions ? [] : subscribed.map(({ id }) => id)));
  }

  /** An error whose body is a string: plain text, or the same as JSON. */
  readonly #error = (status: number, text: string): TwinResponse => {
    this.#errors += 1;
    const { errorBodies } = this.gateway;
    const asJson =
      errorBodies === 'json' ||
      (errorBodies === 'mixed' && new Seeded(this.#world.seed, 'error', this.#errors).chance(0.5));
    if (asJson) return jsonResponse(status, JSON.stringify(text));
    return response(status, { 'content-type': 'text/plain; charset=utf-8' }, text);
  };
}
