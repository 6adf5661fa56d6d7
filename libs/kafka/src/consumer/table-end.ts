import type { GroupConsumer } from './group-consumer.js';

/** How long the position may stand still before the log is asked whether anything is left. */
const STILL_MS = 250;

/**
 * Waits until everything that lay in the partition before `end` has been handled. The end offset itself may never be
 * reached: compaction can have taken the last records.
 */
export async function reachEnd(
  consumer: GroupConsumer,
  topic: string,
  partition: number,
  end: bigint,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const position = consumer.position(topic, partition);
    if (position !== undefined && position >= end) return;
    const isStill = !(await consumer.moved(topic, partition, STILL_MS));
    if (!isStill || position === undefined || consumer.isBusy(topic, partition)) continue;
    if (await consumer.nothingFrom(topic, partition, position).catch(() => false)) return;
  }
}
