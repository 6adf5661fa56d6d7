import { delayed, response, type TwinReply } from './http.js';
import { Seeded } from './seeded.js';

export type FaultEffect =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  /** 200 and a JSON content type over text that is no JSON. */
  | { readonly kind: 'garbage' };

/** A fault that is planted from outside. What is not given matches everything. */
export interface FaultRule {
  /** Tenant id or practice id. */
  readonly scope?: string | undefined;
  readonly method?: string | undefined;
  /** Regular expression over the path with query. */
  readonly path?: string | undefined;
  /** How many requests it strikes before it is used up. */
  readonly times?: number | undefined;
  /** Share of the matching requests it strikes, 0–1, chosen by the seed. */
  readonly rate?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly effect?: FaultEffect | undefined;
  /** The request takes effect first and only its answer is lost. */
  readonly after?: boolean | undefined;
}

export interface PlantedFault extends FaultRule {
  readonly id: number;
  readonly struck: number;
}

interface Entry {
  readonly id: number;
  readonly rule: FaultRule;
  readonly path: RegExp | null;
  struck: number;
  seen: number;
}

export class FaultBook {
  readonly #seed: string;
  readonly #entries: Entry[] = [];
  #nextId = 1;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Plants a fault and returns its id. Throws on a path that is no regular expression. */
  add(rule: FaultRule): number {
    const path = rule.path === undefined ? null : new RegExp(rule.path);
    const id = this.#nextId++;
    this.#entries.push({ id, rule, path, struck: 0, seen: 0 });
    return id;
  }

  remove(id: number): boolean {
    const index = this.#entries.findIndex((entry) => entry.id === id);
    if (index >= 0) this.#entries.splice(index, 1);
    return index >= 0;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  list(): PlantedFault[] {
    return this.#entries.map(({ id, rule, struck }) => ({ ...rule, id, struck }));
  }

  /** Answers through the faults that strike: the delays add up, the first effect wins. */
  through(request: { scope: string; method: string; url: string }, answer: () => TwinReply): TwinReply {
    if (this.#entries.length === 0) return answer();
    const struck = this.#entries.filter((entry) => this.#strikes(entry, request));
    const delayMs = struck.reduce((sum, { rule }) => sum + (rule.delayMs ?? 0), 0);
    const effective = struck.find(({ rule }) => rule.effect !== undefined)?.rule;
    const before = effective?.effect !== undefined && effective.after !== true;
    const reply = before ? null : answer();
    const effect = effective?.effect;
    return delayed(effect === undefined ? (reply ?? answer()) : replyOf(effect), delayMs);
  }

  #strikes(entry: Entry, request: { scope: string; method: string; url: string }): boolean {
    const { rule, path } = entry;
    if (rule.scope !== undefined && rule.scope !== request.scope) return false;
    if (rule.method !== undefined && rule.method !== request.method) return false;
    if (path !== null && !path.test(request.url)) return false;
    if (rule.times !== undefined && entry.struck >= rule.times) return false;
    entry.seen += 1;
    const rate = rule.rate ?? 1;
    if (rate < 1 && !new Seeded(this.#seed, 'fault', entry.id, entry.seen).chance(rate)) return false;
    entry.struck += 1;
    return true;
  }
}

function replyOf(effect: FaultEffect): TwinReply {
  switch (effect.kind) {
    case 'status': {
      const headers = { 'content-type': 'application/json', ...effect.headers };
      return response(effect.status, headers, effect.body ?? '{"detail":"A planted fault."}');
    }
    case 'reset':
      return { kind: 'reset', delayMs: 0 };
    case 'hang':
      return { kind: 'hang' };
    case 'garbage':
      return response(200, { 'content-type': 'application/json' }, '{"id": 1, "url": "http');
    default:
      return effect satisfies never;
  }
}
