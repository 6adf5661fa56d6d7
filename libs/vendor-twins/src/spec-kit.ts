import { memberText } from './json.js';
import type { TwinReply, TwinRequest, TwinResponse } from './http.js';
import { ProvetTwin } from './provet/provet-twin.js';
import type { TenantOptions } from './provet/tenant.js';

/** For specs only: a clock that stands still, and a way to ask a twin as a client would. */
export class SpecClock {
  now = Date.parse('2026-03-11T10:00:00Z');
  readonly read = (): number => this.now;

  pass(ms: number): void {
    this.now += ms;
  }
}

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Json;
}

/** What specs look into without knowing its form. */
export interface Json {
  readonly [member: string]: Json | undefined;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

export function ask(handle: (request: TwinRequest) => TwinReply, url: string, options: AskOptions = {}): Asked {
  const { body } = options;
  const json = typeof body === 'object';
  const reply = answered(
    handle({
      method: options.method ?? 'GET',
      url,
      headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...options.headers },
      body: json ? JSON.stringify(body) : (body ?? ''),
    }),
  );
  return { status: reply.status, headers: reply.headers, text: reply.body, json: jsonOrUndefined(reply.body) as Json };
}

function answered(reply: TwinReply): TwinResponse {
  if (reply.kind !== 'response') throw new Error(`the twin answered with a ${reply.kind}`);
  return reply;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ids of a list answer, read from the records' URLs. */
export function idsOf(answer: Asked): number[] {
  return rowsOf(answer).map((row) => Number(/(\d+)\/$/.exec(memberText(row, 'url'))?.[1]));
}

/** The records of a list answer. */
export function rowsOf(answer: Asked): Json[] {
  return (answer.json['results'] ?? []) as unknown as Json[];
}

export const FORM = 'application/x-www-form-urlencoded';

/** One tenant of a fresh Provet twin, with a token. */
export class ProvetDrive {
  readonly clock = new SpecClock();
  readonly twin: ProvetTwin;
  readonly id: number;
  token: string;

  constructor(tenant: Partial<TenantOptions> = {}, seed = 'spec') {
    this.twin = new ProvetTwin({ seed, origin: 'https://provet.example', clock: this.clock.read });
    this.id = this.twin.addTenant({ id: 7, ...tenant }).id;
    this.token = this.newToken();
  }

  get tenant(): ReturnType<ProvetTwin['tenant']> {
    return this.twin.tenant(this.id);
  }

  newToken(): string {
    const { clientId, secret } = this.tenant.credential;
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret });
    const answer = this.raw(`/${this.id}/oauth2/token/`, {
      method: 'POST',
      headers: { 'content-type': FORM },
      body: body.toString(),
    });
    return memberText(answer.json, 'access_token');
  }

  /** Asks below the API's root, with the token. */
  api(path: string, options: AskOptions = {}): Asked {
    const headers = { authorization: `Bearer ${this.token}`, ...options.headers };
    return this.raw(`/${this.id}/api/0.1${path}`, { ...options, headers });
  }

  raw(path: string, options: AskOptions = {}): Asked {
    return ask((request) => this.twin.handle(request), path, options);
  }

  /** Registers a webhook and returns its id. */
  hook(trigger: number, more: object = {}): number {
    const body = { trigger, target: `https://receiver.example/${trigger}`, ...more };
    return this.api('/hook/webhook/', { method: 'POST', body }).json['id'] as unknown as number;
  }
}
