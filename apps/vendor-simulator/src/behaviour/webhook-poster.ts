import type { Log } from '@relay/service-kit';
import type { DueDelivery, ProvetTwin } from '@relay/vendor-twins';

/** Not published by the vendor: how long it waits for a receiver. */
const ANSWER_WITHIN_MS = 10_000;
/** Webhooks in flight at once, so that a slow receiver does not make thousands of connections. */
const IN_FLIGHT = 32;

/** Posts the webhooks that the Provet twin has queued and reports how each was answered. */
export class WebhookPoster {
  readonly #stopping = new AbortController();
  readonly #waiting: DueDelivery[] = [];
  #timer: NodeJS.Timeout | null = null;
  #inFlight = 0;

  constructor(
    private readonly provet: ProvetTwin,
    private readonly log: Log,
  ) {
    provet.deliveries.onQueued = () => this.#arm();
  }

  stop(): void {
    this.provet.deliveries.onQueued = () => {};
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  /** Wakes up when the next webhook is due; called again whenever an earlier one may have been queued. */
  #arm(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const next = this.provet.deliveries.nextAt;
    this.#timer = next === null ? null : setTimeout(() => this.#pump(), Math.max(0, next - Date.now()));
  }

  #pump(): void {
    this.#timer = null;
    this.#waiting.push(...this.provet.dueDeliveries());
    while (this.#inFlight < IN_FLIGHT) {
      const delivery = this.#waiting.shift();
      if (delivery === undefined) break;
      this.#inFlight += 1;
      void this.#post(delivery);
    }
    this.#arm();
  }

  async #post(delivery: DueDelivery): Promise<void> {
    const status = await this.#send(delivery);
    this.#inFlight -= 1;
    if (this.#stopping.signal.aborted) return;
    this.provet.deliveries.report(delivery.id, status, Date.now());
    if (this.#waiting.length > 0) this.#pump();
  }

  /** The status of the answer; null when there was none. */
  async #send(delivery: DueDelivery): Promise<number | null> {
    try {
      const answer = await fetch(delivery.url, {
        method: 'POST',
        headers: { 'content-type': delivery.contentType },
        body: delivery.body,
        redirect: 'manual',
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      await answer.arrayBuffer();
      if (answer.status !== 200) {
        this.log.debug(
          { status: answer.status, trigger: delivery.trigger, attempt: delivery.attempt },
          'webhook refused',
        );
      }
      return answer.status;
    } catch {
      this.log.debug({ trigger: delivery.trigger, attempt: delivery.attempt }, 'webhook not answered');
      return null;
    }
  }
}
