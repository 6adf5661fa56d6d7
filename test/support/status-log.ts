import { controlTopicSpec, type SyncStatusValue } from '@relay/contracts';
import { RelayKafka } from '@relay/kafka';
import type { TestKafka, TestScope } from '@relay/testing';

/** The newest `sync-status.v1` per tenant and resource, as the console follows it. */
export class StatusLog {
  /** All that was said, oldest first. */
  readonly said: SyncStatusValue[] = [];
  readonly #newest = new Map<string, SyncStatusValue>();

  static async follow(scope: TestScope, kafka: TestKafka): Promise<StatusLog> {
    const spec = controlTopicSpec('sync-status.v1');
    const client = new RelayKafka({ service: 'console', settings: kafka.settings, topics: [spec] });
    scope.onTestFinished(() => client.close());
    await client.topicsReady();
    const log = new StatusLog();
    const reader = client.tableReader({
      topics: [spec.name],
      onBatch: ({ messages }) => {
        for (const { key, value } of messages) {
          if (value === null) log.#newest.delete(key);
          else {
            log.#newest.set(key, value as SyncStatusValue);
            log.said.push(value as SyncStatusValue);
          }
        }
      },
    });
    await reader.loaded;
    return log;
  }

  of(tenantId: string, resource: string): SyncStatusValue | undefined {
    return this.#newest.get(`${tenantId}/${resource}`);
  }

  phase(tenantId: string, resource: string): string | undefined {
    return this.of(tenantId, resource)?.phase;
  }

  counter(
    tenantId: string,
    resource: string,
    name: 'notices' | 'duplicates' | 'late' | 'missed' | 'healed' | 'deleted',
  ) {
    return this.of(tenantId, resource)?.counters[name] ?? 0;
  }

  allLive(tenantId: string, resources: readonly string[]): boolean {
    return resources.every((resource) => this.phase(tenantId, resource) === 'live');
  }
}
