import type { EventLog } from './event-log.js';

/** A change that was answered 200: the newest value of one member of one record. */
export interface Accepted {
  readonly key: string;
  readonly member: string;
  readonly value: string;
}

/** Which accepted changes a consumer does not hold. Knows only what was accepted and what lies in the topic. */
export function checkAccepted(log: EventLog, topic: string, accepted: Iterable<Accepted>): string[] {
  const present = log.present(topic);
  const lost: string[] = [];
  for (const { key, member, value } of accepted) {
    const held = present.get(key)?.value?.record?.[member];
    if (held !== value) lost.push(`${key}: ${JSON.stringify(held)} instead of ${value}`);
  }
  return lost;
}
