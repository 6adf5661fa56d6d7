import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@relay/service-kit';
import type { GrantSpelling, ProvetTwin } from '@relay/vendor-twins';

const AGAIN_AFTER_MS = 1_000;
const AT_A_TIME = 8;
const ANSWER_WITHIN_MS = 15_000;

export interface HookupAnswer {
  /** Null: no answer. */
  readonly status: number | null;
  readonly body: string;
}

export interface HookupOptions {
  /** Members of the message to replace, also with wrong values. */
  readonly overrides?: Record<string, unknown> | undefined;
  readonly spelling?: GrantSpelling | undefined;
}

/** Posts registrations to an integration's hookup URL, as the vendor does when a customer adds it. */
export class HookupSender {
  readonly #stopping = new AbortController();

  constructor(
    private readonly provet: ProvetTwin,
    private readonly log: Log,
  ) {}

  async send(tenantId: number, url: string, options: HookupOptions = {}): Promise<HookupAnswer> {
    const message = this.provet.hookup(tenantId, options.overrides, options.spelling);
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        redirect: 'manual',
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      return { status: answer.status, body: await answer.text() };
    } catch {
      return { status: null, body: '' };
    }
  }

  /** For the start: the integration may come up after the simulator. A few tenants at a time. */
  registerUntilAccepted(tenantIds: readonly number[], url: string): void {
    const left = [...tenantIds];
    const work = async (): Promise<void> => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) await this.#register(id, url);
    };
    for (let worker = 0; worker < AT_A_TIME; worker++) void work();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #register(tenantId: number, url: string): Promise<void> {
    const { signal } = this.#stopping;
    let told: number | null | undefined;
    while (!signal.aborted) {
      const { status } = await this.send(tenantId, url);
      if (status === 200) {
        this.log.info({ tenant: tenantId }, 'registered at the hookup URL');
        return;
      }
      // Once for each kind of answer: the integration may take long to come up.
      if (status !== told && !signal.aborted) this.log.warn({ tenant: tenantId, status }, 'not registered yet');
      told = status;
      await wait(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
