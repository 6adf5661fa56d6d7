import { topicsOf, type ControlTopic, type ControlValue, type ServiceName } from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import {
  Health,
  Log,
  Metrics,
  buildApp,
  readConfig,
  type ConfigOf,
  type ServiceDefinition,
  type ServiceSettings,
} from '@relay/service-kit';
import type { Keyring } from './keyring.js';
import { relayEnvironment, type RelayParts } from './relay-environment.js';
import type { TestScope } from './scope.js';
import { testDatabase } from './test-database.js';
import { testKafka } from './test-kafka.js';
import { until } from './until.js';

export interface ConnectorOptions {
  readonly keyring: Keyring;
  readonly resources: readonly string[];
  /** Topics that the test looks at. */
  readonly watches: readonly string[];
  /** Where the vendor is. */
  readonly vendor: Pick<RelayParts, 'provetHost' | 'exact'>;
  readonly env: Readonly<Record<string, string>>;
}

/** A connector in the test's own process, on real servers, with both sides of its topics. */
export class RunningConnector<S extends ServiceSettings> {
  /** What it has logged. */
  readonly lines: string[] = [];
  private readonly messages = new Map<string, { readonly key: string; readonly value: unknown }[]>();
  private readonly newest = new Map<string, Map<string, unknown>>();

  private constructor(
    readonly config: ConfigOf<S>,
    private readonly kafka: RelayKafka,
  ) {}

  static async start<S extends ServiceSettings>(
    scope: TestScope,
    definition: ServiceDefinition<S>,
    options: ConnectorOptions,
  ): Promise<RunningConnector<S>> {
    const { keyring, resources, vendor } = options;
    const service: ServiceName = definition.name;
    const topics = await testKafka(scope);
    const { url } = await testDatabase(scope, service);
    const env = {
      ...relayEnvironment({ kafka: topics, databaseUrl: url, keyring, publicUrl: 'http://relay.test', ...vendor }),
      ...options.env,
    };
    const crossChecks = (config: ConfigOf<S>) => definition.crossChecks?.(config) ?? [];
    const config = readConfig(definition.settings, { env, crossChecks });
    const kafka = new RelayKafka({ service, settings: topics.settings, topics: topicsOf(service, resources) });
    scope.onTestFinished(() => kafka.close());
    const connector = new RunningConnector(config, kafka);
    const write = (line: string): void => void connector.lines.push(line);
    const log = Log.create({ service, level: 'debug', format: 'json', write });
    const health = new Health();
    const app = await buildApp(definition, config, { config, log, health, metrics: new Metrics() });
    scope.onTestFinished(() => app.close());
    await app.startAllMicroservices();
    await connector.watch(options.watches);
    await until(`${service} is ready`, async () => {
      const { status, checks } = await health.ready();
      if (status === 'down') throw new Error(JSON.stringify(checks));
      return true;
    });
    return connector;
  }

  /** Names of the topics that there are under this test's prefix. */
  listTopics(): Promise<string[]> {
    return this.kafka.listTopics();
  }

  private async watch(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      this.messages.set(topic, []);
      this.newest.set(topic, new Map());
    }
    const reader = this.kafka.tableReader({
      topics,
      onBatch: ({ topic, messages }) => {
        for (const { key, value } of messages) {
          this.messages.get(topic)?.push({ key, value });
          this.newest.get(topic)?.set(key, value);
        }
      },
    });
    await reader.loaded;
  }

  /** All values of a watched topic so far, oldest first. */
  seen(topic: string): readonly unknown[] {
    return this.watched(this.messages, topic).map(({ value }) => value);
  }

  /** The newest value of every key of a watched topic; null = a tombstone. */
  latest<T>(topic: string): ReadonlyMap<string, T | null> {
    return this.watched(this.newest, topic) as ReadonlyMap<string, T | null>;
  }

  private watched<V>(held: ReadonlyMap<string, V>, topic: string): V {
    const found = held.get(topic);
    if (found === undefined) throw new Error(`this test does not watch ${topic}: name it in "watches"`);
    return found;
  }

  async send<T extends ControlTopic>(topic: T, owner: string, key: string, value: ControlValue<T>): Promise<void> {
    await this.kafka.producer('control').send(controlMessage(this.kafka.partitions, topic, owner, key, value));
  }
}
