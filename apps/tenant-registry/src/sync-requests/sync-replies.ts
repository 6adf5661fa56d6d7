import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { SyncReplyValue } from '@relay/contracts';
import { RelayKafka, type TableReader } from '@relay/kafka';
import { Health } from '@relay/service-kit';

/** What somebody has waited for; null when the time was over. */
export interface Waited {
  readonly reply: SyncReplyValue | null;
  /** What the sync has said before: it works on it, and this is what it knows. */
  readonly accepted: SyncReplyValue | null;
}

interface Waiting {
  accepted: SyncReplyValue | null;
  readonly resolve: (waited: Waited) => void;
}

/** Hands the syncs' replies to those who wait for them in this process: every replica reads them all and keeps none. */
@Injectable()
export class SyncReplies implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly waiting = new Map<string, Waiting>();
  private reader: TableReader | null = null;

  constructor(
    private readonly kafka: RelayKafka,
    private readonly health: Health,
  ) {}

  onApplicationBootstrap(): void {
    const reader = this.kafka.tableReader({
      topics: ['sync-reply.v1'],
      from: 'end',
      onBatch: ({ messages }) => {
        for (const { value } of messages) if (value !== null) this.take(value as SyncReplyValue);
      },
    });
    this.reader = reader;
    this.health.register('sync-replies', () =>
      reader.isLoaded ? { status: 'up' } : { status: 'down', detail: 'replies of the syncs are not read yet' },
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const { accepted, resolve } of this.waiting.values()) resolve({ reply: null, accepted });
    await this.reader?.close();
  }

  /** Waits for the end of a request. Begin before the request is sent: its answer may be there at once. */
  next(requestId: string, forMs: number): { readonly waited: Promise<Waited>; readonly cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<Waited>();
    const waiting: Waiting = { accepted: null, resolve };
    const timer = setTimeout(() => resolve({ reply: null, accepted: waiting.accepted }), forMs);
    const end = (): void => {
      clearTimeout(timer);
      this.waiting.delete(requestId);
    };
    this.waiting.set(requestId, waiting);
    return { waited: promise.finally(end), cancel: () => resolve({ reply: null, accepted: null }) };
  }

  private take(reply: SyncReplyValue): void {
    const waiting = this.waiting.get(reply.requestId);
    if (waiting === undefined) return;
    if (reply.status === 'done' || reply.status === 'refused') waiting.resolve({ reply, accepted: waiting.accepted });
    else waiting.accepted = reply;
  }
}
