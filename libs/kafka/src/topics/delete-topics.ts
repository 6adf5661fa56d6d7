import { Kafka, logLevel } from 'kafkajs';
import { connectionOf, type KafkaSettings } from '../settings.js';

/** Deletes every topic whose name begins with the prefix, and the groups that do. For tests and tools only. */
export async function deleteTopics(settings: KafkaSettings, prefix: string = settings.topicPrefix): Promise<string[]> {
  if (prefix.length < 3) throw new Error('a prefix this short would delete topics of others');
  const admin = new Kafka({
    ...connectionOf(settings),
    clientId: 'practice-relay-clean-up',
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const mine = groups.map((group) => group.groupId).filter((id) => id.startsWith(prefix));
    // A group whose last member has not timed out yet cannot be deleted: the broker does it later.
    if (mine.length > 0) await admin.deleteGroups(mine).catch(() => {});
    return topics;
  } finally {
    await admin.disconnect();
  }
}
