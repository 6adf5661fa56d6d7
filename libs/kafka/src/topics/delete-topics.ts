import { Kafka, logLevel, type Admin } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { connectionOf, type KafkaSettings } from '../settings.js';

const PATIENCE_MS = 20_000;

/** Deletes every topic whose name begins with the prefix, and the groups that do. For tests and tools only. */
export async function deleteTopics(settings: KafkaSettings, prefix: string = settings.topicPrefix): Promise<string[]> {
  if (prefix.length < 3) throw new Error('a prefix this short would delete topics of others');
  const admin = new Kafka({
    ...connectionOf(settings),
    clientId: 'practice-relay-clean-up',
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
  }).admin();
  await admin.connect();
  try {
    const topics = await deleteUntilGone(admin, prefix);
    const { groups } = await admin.listGroups();
    const mine = groups.map((group) => group.groupId).filter((id) => id.startsWith(prefix));
    // A group whose last member has not timed out yet cannot be deleted: the broker does it later.
    if (mine.length > 0) await admin.deleteGroups(mine).catch(() => {});
    return topics;
  } finally {
    await admin.disconnect();
  }
}

/**
 * A broker goes on listing a topic for a moment after its deletion, until the controller's word has reached it, and says of
 * such a topic that it does not host it. So its list is what counts, and not how one request was answered.
 */
async function deleteUntilGone(admin: Admin, prefix: string): Promise<string[]> {
  const end = Date.now() + PATIENCE_MS;
  const all = new Set<string>();
  for (let failure: unknown; ; await delay(50)) {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    if (topics.length === 0) return [...all];
    if (Date.now() > end) throw new Error(`${topics.join(', ')} cannot be deleted`, { cause: failure });
    for (const topic of topics) all.add(topic);
    await admin.deleteTopics({ topics }).catch((error: unknown) => (failure = error));
  }
}
