import { Ring } from './ring.js';

export interface LoggedRequest {
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The path with its variable parts named: `/{tenant}/api/0.1/client/{id}/`. */
  readonly route: string;
  /** Tenant id or practice id; empty when the path names none. */
  readonly scope: string;
  /** Client id of the token or Basic header; null when it is not known. */
  readonly caller: string | null;
  /** 0 for a reset, a hang or an answer that was replaced by one. */
  readonly status: number;
}

/** What was asked of a twin. Bodies and tokens are not kept: they hold secrets. */
export class RequestLog {
  readonly #ring = new Ring<LoggedRequest>(20_000);
  readonly #counters = new Map<string, number>();

  note(request: LoggedRequest): void {
    this.#ring.push(request);
    const key = `${request.method} ${request.route} ${request.status}`;
    this.#counters.set(key, (this.#counters.get(key) ?? 0) + 1);
  }

  /** The kept requests whose `METHOD path` matches, oldest first. */
  list(match: RegExp = /./, after = 0): (LoggedRequest & { readonly seq: number })[] {
    return this.#ring.since(after).filter(({ method, path }) => match.test(`${method} ${path}`));
  }

  count(match: RegExp, after = 0): number {
    return this.list(match, after).length;
  }

  /** Number of the newest request: pass it as `after` to look at later ones only. */
  get last(): number {
    return this.#ring.total;
  }

  /** `GET /{tenant}/api/0.1/client/{id}/ 200` → how often, since the start. */
  get counters(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counters);
  }

  clear(): void {
    this.#ring.clear();
    this.#counters.clear();
  }
}
