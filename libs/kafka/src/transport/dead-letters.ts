import { DEAD_LETTER_HEADERS, DEAD_LETTER_TOPIC, REFERENCE_ONLY_DEAD_LETTERS, partitionOf } from '@relay/contracts';
import type { Tries } from '../consumer/delivery.js';
import type { ReceivedMessage } from '../consumer/received-message.js';
import type { Outgoing } from '../messages.js';

/**
 * The dead letter of a message: its bytes and headers as they were, and where, why and how often. Topics that carry
 * sealed secrets leave only a reference.
 */
export function deadLetterOf(message: ReceivedMessage, cause: string, tries: Tries, partitions: number): Outgoing {
  const { topic, partition, offset, key } = message;
  const isReference = REFERENCE_ONLY_DEAD_LETTERS.includes(topic);
  const about: Record<string, string> = {
    [DEAD_LETTER_HEADERS.topic]: topic,
    [DEAD_LETTER_HEADERS.partition]: String(partition),
    [DEAD_LETTER_HEADERS.offset]: String(offset),
    [DEAD_LETTER_HEADERS.cause]: cause,
    [DEAD_LETTER_HEADERS.attempts]: String(tries.attempts),
    [DEAD_LETTER_HEADERS.firstAt]: new Date(tries.firstAt).toISOString(),
    [DEAD_LETTER_HEADERS.lastAt]: new Date(tries.lastAt).toISOString(),
  };
  return {
    topic: DEAD_LETTER_TOPIC,
    partition: partitionOf(key, partitions),
    key,
    value: isReference ? JSON.stringify({ topic, partition, offset: String(offset), key }) : message.rawValue,
    headers: isReference ? about : { ...message.rawHeaders, ...about },
  };
}
