import { createRequire } from 'node:module';
import type { KafkaLog } from './ports.js';

/** The only kafkajs whose source was read for this patch. Another one may be fixed, or differ: it is left alone. */
export const PATCHED_KAFKAJS = '2.2.4';

/** What the patch touches of kafkajs' request queue (`src/network/requestQueue/index.js`). */
interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}
interface RequestQueueClass {
  prototype: RequestQueue & { scheduleCheckPendingRequests(this: RequestQueue): void };
}

/** kafkajs waits this long before it looks again at requests that are held back by the in-flight limit. */
const RECHECK_MS = 10;

/**
 * kafkajs 2.2.4 re-arms a timer of at most 1 ms for every connection, also when no request waits: 4 % of a core while
 * idle, and negative time-outs, of which Node warns. The queue needs the timer only while requests wait for the end of a
 * throttle; all other cases are triggered by an answer.
 */
function scheduleOnlyWhenWaiting(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const throttledFor = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledFor > 0 ? throttledFor : RECHECK_MS,
  );
}

/** Replaces the timer for this process. Returns false, and says so in the log, when kafkajs is another version. */
export function patchIdleTimer(
  log: KafkaLog,
  load: (path: string) => unknown = createRequire(import.meta.url),
): boolean {
  const { version } = load('kafkajs/package.json') as { version: string };
  if (version !== PATCHED_KAFKAJS) {
    log.warn({ version, expected: PATCHED_KAFKAJS }, 'kafkajs is another version: its idle timer is left as it is');
    return false;
  }
  const queue = load('kafkajs/src/network/requestQueue') as RequestQueueClass;
  queue.prototype.scheduleCheckPendingRequests = scheduleOnlyWhenWaiting;
  return true;
}
