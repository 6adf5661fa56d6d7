import { exactScopeSet, type CredentialValue, type ExactResource, type ExactScopeSet } from '@relay/contracts';
import type { ReceivedBatch, RelayKafka, TableReader } from '@relay/kafka';

/** What may be read with which scopes: known once the token-broker has found out what the vendor grants. */
export interface ScopeSource {
  /** Null: not known yet. */
  setOf(resource: ExactResource): ExactScopeSet | null;
  /** True: the vendor refuses the client itself, and no other one is proven. Absent: that is not known. */
  isRejected?(): boolean;
}

/**
 * What `credential.v1` says of the client that is in force: which scopes the vendor grants it. Read whole by every process.
 */
export class GrantedScopes implements ScopeSource {
  private readonly credentials = new Map<string, CredentialValue>();
  private readonly listeners = new Set<() => void>();
  private reader: TableReader | null = null;
  private granted: readonly string[] | null = null;

  /** `owner`: `exact:<environment>`. Another environment's client says nothing about this one. */
  constructor(private readonly owner: string) {}

  start(kafka: RelayKafka): void {
    this.reader ??= kafka.tableReader({ topics: ['credential.v1'], onBatch: (batch) => this.take(batch) });
  }

  get isLoaded(): boolean {
    return this.reader?.isLoaded ?? false;
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  /** Called whenever something else is granted than before, and when the client is refused or is no longer. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  setOf(resource: ExactResource): ExactScopeSet | null {
    return this.granted === null ? null : exactScopeSet(resource, this.granted);
  }

  isRejected(): boolean {
    const healths = [...this.credentials.values()].map(({ health }) => health);
    return healths.includes('rejected') && !healths.includes('proven');
  }

  take({ messages }: Pick<ReceivedBatch<unknown>, 'messages'>): void {
    const before = this.known();
    for (const message of messages) {
      const value = message.value as CredentialValue | null;
      if (value === null) this.credentials.delete(message.key);
      else if (value.tenantId === this.owner) this.credentials.set(message.key, value);
    }
    // Nothing is taken back while the broker says nothing: the tokens that are there go on being good.
    this.granted = this.newest()?.capabilities?.granted ?? this.granted;
    if (this.known() !== before) for (const listener of this.listeners) listener();
  }

  private known(): string {
    return `${this.granted?.join(' ')} ${this.isRejected()}`;
  }

  private newest(): CredentialValue | undefined {
    const inForce = [...this.credentials.values()].filter((one) => one.inForce && (one.capabilities ?? null) !== null);
    return inForce.sort((a, b) => b.version - a.version)[0];
  }
}
