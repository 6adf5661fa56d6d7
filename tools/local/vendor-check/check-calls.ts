import type { OutgoingRequest, Reply, WindowBudget } from '#http-client';

/** A vendor's answer as the checks look at it. */
export interface CheckAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as a JSON value; undefined when it is none. */
  readonly json: unknown;
}

export interface CheckRequest {
  /** Below the tenant's API, or with `outside` below the tenant itself. */
  readonly path: string;
  readonly query?: string;
  readonly method?: 'GET' | 'OPTIONS';
  /** `wrong` = a token that nobody has issued; `none` = no token. */
  readonly token?: 'right' | 'wrong' | 'none';
  readonly outside?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests a minute that the vendor allows of this operation. */
  readonly limit: number;
  readonly weight?: number;
  /** What shares that limit. */
  readonly budget: string;
}

/** The tenant does not answer, or refuses its token: there is nothing to check. */
export class Unreachable extends Error {
  readonly code = 'tenant-unreachable';
}

export interface CheckCallsOptions {
  readonly send: (request: OutgoingRequest) => Promise<Reply>;
  /** `https://host/17/`. */
  readonly tenantUrl: string;
  /** Below it: `api/0.1/`. */
  readonly apiPath: string;
  readonly token: string;
  /** Share of the vendor's limits that the checks may use; 0 = no limit. */
  readonly share: number;
  readonly newBudget: (limit: number) => Pick<WindowBudget, 'take' | 'correct'>;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly now?: () => number;
  /** What to look at when the address is refused before it is called. */
  readonly hostHint?: string;
}

/** A practice is never asked twice within this time: a check is no load test. */
const PAUSE_MS = 100;
/** A 429 that asks for more than this is given up. */
const LONGEST_WAIT_MS = 70_000;
/** So many calls in a row without an answer mean that the tenant is gone. */
const GIVE_UP_AFTER = 3;

/**
 * The calls of a check: readings only, one after the other, within a share of the vendor's limits that the running relay
 * leaves free. A failure is tried once more; one that stays is an answer like any other, until nothing answers at all.
 */
export class CheckCalls {
  /** How many requests were sent. */
  sent = 0;
  /** How long was waited for the vendor's limits. */
  waitedMs = 0;
  /** A 429 that was met. */
  throttled: CheckAnswer | null = null;
  /** A 403 that was met, and where. */
  refused: { readonly path: string; readonly answer: CheckAnswer } | null = null;
  /** Names of all headers that were seen. */
  readonly headerNames = new Set<string>();
  readonly #budgets = new Map<string, Pick<WindowBudget, 'take' | 'correct'>>();
  readonly #now: () => number;
  readonly #options: CheckCallsOptions;
  #silent = 0;

  constructor(options: CheckCallsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async send(request: CheckRequest): Promise<CheckAnswer> {
    for (let attempt = 1; ; attempt++) {
      await this.#spend(request);
      const reply = await this.#options.send(this.#outgoing(request));
      this.sent += 1;
      if (reply.kind === 'no-answer') {
        this.#silent += 1;
        if (reply.fault === 'refused-host' || this.#silent >= GIVE_UP_AFTER)
          throw new Unreachable(this.#reasonOf(reply));
        continue;
      }
      this.#silent = 0;
      const answer = answerOf(reply);
      for (const name of Object.keys(answer.headers)) this.headerNames.add(name);
      if (answer.status === 403) this.refused ??= { path: request.path, answer };
      const again = answer.status === 429 || answer.status >= 500;
      if (!again || attempt === 2) return answer;
      if (answer.status === 429 && !(await this.#sitOut(request, answer))) return answer;
    }
  }

  /** Waits as long as a 429 asks for; false when that is too long. */
  async #sitOut(request: CheckRequest, answer: CheckAnswer): Promise<boolean> {
    this.throttled ??= answer;
    const seconds = Number(answer.headers['retry-after'] ?? '60');
    const ms = Number.isFinite(seconds) ? seconds * 1000 : 60_000;
    if (ms > LONGEST_WAIT_MS) return false;
    this.#budgets.get(request.budget)?.correct(ms, this.#now());
    await this.#wait(ms);
    return true;
  }

  async #spend({ budget: key, limit, weight = 1 }: CheckRequest): Promise<void> {
    const { share, newBudget, wait } = this.#options;
    if (share === 0) return;
    await wait(PAUSE_MS);
    let budget = this.#budgets.get(key);
    if (budget === undefined) this.#budgets.set(key, (budget = newBudget(spareOf(limit, share))));
    for (;;) {
      const taken = budget.take(weight, this.#now());
      if (taken.ok) return;
      await this.#wait(taken.waitMs);
    }
  }

  async #wait(ms: number): Promise<void> {
    this.waitedMs += ms;
    await this.#options.wait(ms);
  }

  #reasonOf({ fault, detail }: Reply & { kind: 'no-answer' }): string {
    const hint = this.#options.hostHint ?? 'its host is not on PROVET_ALLOWED_HOSTS, or PROVET_ALLOW_HTTP is off';
    return fault === 'refused-host' ? `${hint} (${detail})` : `no answer (${fault})`;
  }

  #outgoing({
    path,
    query,
    method = 'GET',
    token = 'right',
    outside = false,
    headers = {},
  }: CheckRequest): OutgoingRequest {
    const { tenantUrl, apiPath } = this.#options;
    const authorization =
      token === 'none' ? null : `Bearer ${token === 'right' ? this.#options.token : 'no-such-token'}`;
    return {
      method,
      url: `${tenantUrl}${outside ? '' : apiPath}${path}${query === undefined ? '' : `?${query}`}`,
      route: 'vendor-check',
      headers: { accept: 'application/json', ...headers, ...(authorization === null ? {} : { authorization }) },
    };
  }
}

/** What is left of a limit for the checks. */
export function spareOf(limit: number, share: number): number {
  return share === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(limit * share));
}

function answerOf(reply: Reply & { kind: 'response' }): CheckAnswer {
  const { status, headers, text } = reply;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers, text, json };
}
