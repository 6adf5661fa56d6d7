import type { TopicSpec } from '@relay/contracts';
// Node finds only some of this CommonJS package's names; the others hang on its default export.
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { TopicDriftError, TopicMissingError, TopicPendingError } from '../errors.js';
import type { KafkaSettings } from '../settings.js';
import { driftOf, type TopicState } from './topic-drift.js';

type TopicSettings = Pick<
  KafkaSettings,
  'topicPrefix' | 'topicPartitions' | 'topicReplication' | 'topicMinInsync' | 'topicCreate'
>;

/**
 * Creates what is missing and compares all with the specification. Throws TopicMissingError or TopicDriftError; anything
 * else that it throws means that Kafka is away, or has not told all its parts of a new topic yet: try again.
 */
export async function ensureTopics(admin: Admin, specs: readonly TopicSpec[], settings: TopicSettings): Promise<void> {
  if (specs.length === 0) return;
  const existing = new Set(await admin.listTopics());
  const missing = specs.filter((spec) => !existing.has(settings.topicPrefix + spec.name));
  if (missing.length > 0) {
    if (!settings.topicCreate) throw new TopicMissingError(missing.map((spec) => settings.topicPrefix + spec.name));
    // False when some exist by now: another service was first, as good as created here.
    await admin.createTopics({ waitForLeaders: false, topics: missing.map((spec) => topicConfig(spec, settings)) });
    await Promise.all(missing.map((spec) => leadersAnswer(admin, settings.topicPrefix + spec.name)));
  }
  const states = await statesOf(admin, specs, settings);
  const differences = specs.flatMap((spec) =>
    driftOf(spec, settings.topicPartitions, states.get(spec.name) as TopicState),
  );
  if (differences.length > 0) throw new TopicDriftError(differences);
}

/** A new topic's leaders refuse their first requests for a moment; a producer would have to send again. */
async function leadersAnswer(admin: Admin, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.fetchTopicOffsets(name);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function topicConfig(spec: TopicSpec, settings: TopicSettings): ITopicConfig {
  const config = {
    'min.insync.replicas': String(settings.topicMinInsync),
    'unclean.leader.election.enable': 'false',
    ...spec.config,
  };
  return {
    topic: settings.topicPrefix + spec.name,
    numPartitions: settings.topicPartitions,
    replicationFactor: settings.topicReplication,
    configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
  };
}

async function statesOf(
  admin: Admin,
  specs: readonly TopicSpec[],
  settings: TopicSettings,
): Promise<Map<string, TopicState>> {
  const names = specs.map((spec) => settings.topicPrefix + spec.name);
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map((spec) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: settings.topicPrefix + spec.name,
      configNames: Object.keys(spec.config),
    })),
  });
  const states = new Map<string, TopicState>();
  for (const spec of specs) {
    const name = settings.topicPrefix + spec.name;
    const partitions = topics.find((topic) => topic.name === name)?.partitions ?? [];
    const entries = resources.find((resource) => resource.resourceName === name)?.configEntries ?? [];
    if (partitions.some((partition) => partition.leader < 0)) throw new TopicPendingError(name);
    states.set(spec.name, {
      partitions: partitions.length,
      config: Object.fromEntries(entries.map((entry) => [entry.configName, entry.configValue])),
    });
  }
  return states;
}
