import { randomUUID } from 'node:crypto';

/** A UUID of version 7 (RFC 9562 §5.7): Unix milliseconds in front, so that ids sort by time of receipt. */
export function noticeId(now: number): string {
  const time = now.toString(16).padStart(12, '0');
  // A version 4 UUID brings the random part and the variant bits; its pool of random bytes makes it the cheapest source.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
