import type { CredentialValue, TokenValue } from '@relay/contracts';
import type { Database, Tx } from '@relay/database';
import { RelayKafka } from '@relay/kafka';
import type { Log, Metrics } from '@relay/service-kit';
import { faultPoint } from '@relay/service-kit';
import { StateTopic, VersionedTable, nextVersion, readBackGroup, type StateMessage } from '@relay/state-topic';

export const CREDENTIAL_TABLE = 'credential_state';
export const TOKEN_TABLE = 'token_state';

type Published = 'credential.v1' | 'token.v1';

export interface OutboxOptions {
  readonly kafka: RelayKafka;
  readonly database: Database;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Row {
  readonly key: string;
  readonly tenantId: string;
}

/** Key of `token.v1`. */
export function tokenKey(credentialId: string, scopes: string): string {
  return `${credentialId}#${scopes}`;
}

/**
 * What other services see. A row is written in the same transaction as the state it tells of, sent after the commit and
 * read back from the log; whatever happens in between, the log's last message is the row.
 */
export class Outbox {
  private readonly tables: Record<Published, VersionedTable>;
  private readonly topics: Record<Published, StateTopic>;

  constructor(options: OutboxOptions) {
    const { kafka, database } = options;
    const table = (topic: Published, name: string) =>
      new VersionedTable({ database, table: name, topic, partitions: kafka.partitions });
    this.tables = {
      'credential.v1': table('credential.v1', CREDENTIAL_TABLE),
      'token.v1': table('token.v1', TOKEN_TABLE),
    };
    this.topics = {
      'credential.v1': stateTopic('credential.v1', this.tables['credential.v1'], options),
      'token.v1': stateTopic('token.v1', this.tables['token.v1'], options),
    };
  }

  topic(name: Published): StateTopic {
    return this.topics[name];
  }

  /** Writes what `credential.v1` is to say. `make` gets the version that the value must carry. */
  async putCredential(
    tx: Tx,
    row: Row,
    now: number,
    make: (version: number) => CredentialValue,
  ): Promise<StateMessage> {
    const version = await this.next(tx, 'credential.v1', row.key, now);
    return this.put(tx, 'credential.v1', row, version, make(version));
  }

  /** The version that the next token of this key must have. */
  nextTokenVersion(tx: Tx, key: string, now: number): Promise<number> {
    return this.next(tx, 'token.v1', key, now);
  }

  putToken(tx: Tx, row: Row, value: TokenValue): Promise<StateMessage> {
    return this.put(tx, 'token.v1', row, value.version, value);
  }

  /** Makes the token disappear from `token.v1`. */
  async dropToken(tx: Tx, row: Row, now: number): Promise<StateMessage> {
    const version = await this.next(tx, 'token.v1', row.key, now);
    return this.put(tx, 'token.v1', row, version, null);
  }

  /**
   * Sends committed rows. Not waited for: while Kafka is away this may take as long as that lasts, and nothing is lost
   * meanwhile, since the rows lie in the database.
   */
  publish(messages: readonly StateMessage[]): void {
    if (messages.length === 0) return;
    const of = (topic: Published) => messages.filter((state) => state.message.topic === topic);
    // The token first: whoever hears that a credential is in force finds its token.
    void this.topics['token.v1']
      .publish(of('token.v1'))
      .then(() => faultPoint('token-broker:after-token-sent'))
      .then(() => this.topics['credential.v1'].publish(of('credential.v1')))
      .then(() => faultPoint('token-broker:after-publish'));
  }

  /** Sends present tokens once more, for a reader that seems to have missed them. */
  async publishAgain(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) this.publish(await this.tables['token.v1'].present(keys));
  }

  /** Sends what the shard's last owner may have left unsent. */
  takeOver(shard: number): void {
    for (const topic of Object.values(this.topics)) void topic.takeOver(shard).catch(() => undefined);
  }

  release(shard: number): void {
    for (const topic of Object.values(this.topics)) topic.release(shard);
  }

  close(): void {
    for (const topic of Object.values(this.topics)) topic.close();
  }

  private async next(tx: Tx, topic: Published, key: string, now: number): Promise<number> {
    return nextVersion((await this.tables[topic].get(key, tx))?.version ?? null, now);
  }

  private async put(tx: Tx, topic: Published, row: Row, version: number, value: object | null): Promise<StateMessage> {
    const message = await this.tables[topic].put(tx, { rowKey: row.key, partitionKey: row.tenantId, version, value });
    // Only this shard's owner writes the row, in a transaction that has just read its version.
    if (message === null) throw new Error(`a row of ${topic} was written by somebody else`);
    return message;
  }
}

function stateTopic(name: Published, store: VersionedTable, { kafka, log, metrics }: OutboxOptions): StateTopic {
  return new StateTopic({
    producer: kafka.producer('record'),
    store,
    log,
    metrics,
    name,
    readBackPositions: (topic) => kafka.committedOffsets(readBackGroup('token-broker'), topic),
    ownership: 'shared',
  });
}
