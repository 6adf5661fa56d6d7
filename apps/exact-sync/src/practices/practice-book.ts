import type { PracticeDetailsValue } from '@relay/contracts';
import type { ReceivedBatch, RelayKafka, TableReader } from '@relay/kafka';

/** What is known of practices: their country, their version. */
export interface PracticeFacts {
  of(tenantId: string): PracticeDetailsValue | null;
}

/**
 * The newest details of every practice: as `practice-details.v1` has them, read whole by every process, and as this process
 * has read them itself since. An observation older than the one that is held is dropped.
 */
export class PracticeBook implements PracticeFacts {
  private readonly newest = new Map<string, PracticeDetailsValue>();
  private readonly listeners = new Set<() => void>();
  private reader: TableReader | null = null;

  start(kafka: RelayKafka): void {
    this.reader ??= kafka.tableReader({ topics: ['practice-details.v1'], onBatch: (batch) => this.take(batch) });
  }

  get isLoaded(): boolean {
    return this.reader?.isLoaded ?? false;
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  of(tenantId: string): PracticeDetailsValue | null {
    return this.newest.get(tenantId) ?? null;
  }

  /** Called whenever a practice has another version than before. */
  onVersionChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Takes an observation. False: it says nothing but what is known, or is older than that. */
  note(value: PracticeDetailsValue): boolean {
    const held = this.of(value.tenantId);
    if (held !== null && Date.parse(value.observedAt) <= Date.parse(held.observedAt)) return false;
    this.newest.set(value.tenantId, value);
    if (held?.version !== value.version) for (const listener of this.listeners) listener();
    return held === null || !isSame(held, value);
  }

  take({ messages }: Pick<ReceivedBatch<unknown>, 'messages'>): void {
    for (const { key, value } of messages) {
      if (value === null) this.newest.delete(key);
      else this.note(value as PracticeDetailsValue);
    }
  }
}

/** Equal but for when it was observed. */
function isSame(one: PracticeDetailsValue, other: PracticeDetailsValue): boolean {
  const textOf = ({ observedAt: _observedAt, ...rest }: PracticeDetailsValue): string =>
    JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  return textOf(one) === textOf(other);
}
