import { recordTopic } from '@relay/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Accepted } from './accepted-checker.js';
import type { RelayStack } from './relay-stack.js';
import type { ProvetHistory } from './vendor-history.js';

/** As a vendor that repeats a webhook which was not answered 200. */
const REPEAT_AFTER_MS = 100;

/**
 * Webhooks without a break: each of some senders changes records of its own and posts the webhook of a change until it is
 * answered 200, then goes on with the next.
 */
export class WebhookLoad {
  /** The newest change of each record of which the webhook was answered 200. */
  readonly accepted = new Map<string, Accepted>();
  acceptedCount = 0;
  /** Answers other than 200, and posts without an answer. */
  refusedCount = 0;
  private readonly stopped = new AbortController();
  private readonly senders: Promise<void>[];

  constructor(
    private readonly relay: RelayStack,
    private readonly history: ProvetHistory,
    private readonly of: { readonly tenant: number; readonly records: number; readonly senders: number },
  ) {
    this.senders = Array.from({ length: of.senders }, (_, sender) => this.send(sender));
  }

  /** Begins no further change and waits until the last ones are accepted. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.senders);
  }

  private async send(sender: number): Promise<void> {
    const { tenant, records, senders } = this.of;
    const topic = recordTopic('provet', 'client');
    for (let n = 0; !this.stopped.signal.aborted; n++) {
      const id = 1 + sender + ((n * senders) % records);
      const firstname = `${topic}-${sender}-${n}`;
      this.history.put(tenant, 'client', id, { firstname }, { notify: false });
      await this.post(`client_id=${id}`);
      const key = `${this.relay.tenantId(tenant)}/${id}`;
      this.accepted.set(key, { key, member: 'firstname', value: firstname });
      this.acceptedCount += 1;
    }
  }

  private async post(body: string): Promise<void> {
    for (;;) {
      const status = await this.relay.webhook(this.of.tenant, 1, body).then(
        (answer) => answer.status,
        () => null,
      );
      if (status === 200) return;
      this.refusedCount += 1;
      await sleep(REPEAT_AFTER_MS);
    }
  }
}
