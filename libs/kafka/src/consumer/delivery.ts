import { RetryLater, errorText, errorWord, isRetryable } from '../errors.js';
import type { KafkaLog } from '../ports.js';
import type { ReceivedMessage } from './received-message.js';

/** What to do after a handler has thrown. */
export type Verdict =
  /** The same messages again, after a while, without a limit. */
  | { readonly kind: 'again'; readonly afterMs: number | null }
  /** Counts as a try of these messages. */
  | { readonly kind: 'permanent' }
  /** The partition is not ours any more: drop the work. */
  | { readonly kind: 'lost' };

export interface DeliveryRules {
  /** True: the handler takes whole batches. */
  readonly inBatches: boolean;
  handle(messages: readonly ReceivedMessage[]): Promise<void>;
  /** Puts one message aside. May throw when Kafka is away: it is tried again. */
  putAside(message: ReceivedMessage, cause: string, tries: Tries): Promise<void>;
  /** Last word on an error (a fence that was lost). Default: by `retryable`. */
  judge?(error: unknown): Promise<Verdict>;
  /** Called when a wait before another try begins (true) and ends (false). */
  waiting?(isWaiting: boolean): void;
  retried?(): void;
}

export interface Tries {
  readonly attempts: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface DeliveryPace {
  /** Tries of one message before it is put aside. */
  readonly permanentTries: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

export const DELIVERY_PACE: DeliveryPace = {
  permanentTries: 5,
  // A dependency that hiccups is back within milliseconds; one that is down for minutes must not be hammered.
  backoffMinMs: 100,
  backoffMaxMs: 10_000,
};

/**
 * Hands the messages of one partition to their handler, in order, until each is handled or put aside. Resolves `dropped`
 * when the signal was aborted or the partition was lost; never rejects.
 *
 * A batch with a poisonous message is halved until the message stands alone, so its neighbours are handled and the order
 * is kept. Handlers see messages again: they must be repeatable.
 */
export async function deliver(
  messages: readonly ReceivedMessage[],
  rules: DeliveryRules,
  signal: AbortSignal,
  log: KafkaLog,
  pace: DeliveryPace = DELIVERY_PACE,
): Promise<'done' | 'dropped'> {
  const good: ReceivedMessage[] = [];
  for (const message of messages) {
    const problem = message.check();
    if (problem === null) good.push(message);
    else if (!(await putAside(message, problem, once(), rules, signal, log, pace))) return 'dropped';
  }
  const left = rules.inBatches ? (good.length > 0 ? [good] : []) : good.map((message) => [message]);
  let tries = 0;
  let failures = 0;
  let firstAt = 0;
  while (left.length > 0) {
    if (signal.aborted) return 'dropped';
    const part = left[0] as ReceivedMessage[];
    try {
      await rules.handle(part);
      left.shift();
      tries = failures = 0;
      continue;
    } catch (error) {
      if (signal.aborted) return 'dropped';
      const verdict = await judge(error, rules);
      if (verdict.kind === 'lost') return 'dropped';
      const [message] = part as [ReceivedMessage];
      if (tries + failures === 0) firstAt = Date.now();
      failures++;
      report(log, message, part.length, error, failures, verdict);
      if (verdict.kind === 'permanent') {
        if (part.length > 1) {
          left.splice(0, 1, part.slice(0, part.length >> 1), part.slice(part.length >> 1));
          tries = failures = 0;
          continue;
        }
        if (++tries >= pace.permanentTries) {
          const spent = { attempts: tries, firstAt, lastAt: Date.now() };
          if (!(await putAside(message, `handler ${errorWord(error)}`, spent, rules, signal, log, pace)))
            return 'dropped';
          left.shift();
          tries = failures = 0;
          continue;
        }
      }
      const afterMs = verdict.kind === 'again' ? verdict.afterMs : null;
      await wait(afterMs ?? backoff(failures, pace), rules, signal);
      rules.retried?.();
    }
  }
  return 'done';
}

async function judge(error: unknown, rules: DeliveryRules): Promise<Verdict> {
  if (rules.judge) return rules.judge(error);
  return judgeByRetryable(error);
}

/** An unknown error is permanent: it gets its bounded tries and is put aside, instead of holding the partition for ever. */
export function judgeByRetryable(error: unknown): Verdict {
  if (error instanceof RetryLater) return { kind: 'again', afterMs: error.afterMs ?? null };
  return isRetryable(error) ? { kind: 'again', afterMs: null } : { kind: 'permanent' };
}

async function putAside(
  message: ReceivedMessage,
  cause: string,
  tries: Tries,
  rules: DeliveryRules,
  signal: AbortSignal,
  log: KafkaLog,
  pace: DeliveryPace,
): Promise<boolean> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await rules.putAside(message, cause, tries);
      return true;
    } catch (error) {
      if (failures === 1)
        log.warn({ ...placeFields(message), detail: errorText(error) }, 'a message cannot be put aside yet');
      await wait(backoff(failures, pace), rules, signal);
    }
  }
  return false;
}

/** Says the first failure and then each tenfold: a dependency that is down for hours is not a line a second. */
function report(
  log: KafkaLog,
  message: ReceivedMessage,
  count: number,
  error: unknown,
  failures: number,
  verdict: Verdict,
): void {
  if (!Number.isInteger(Math.log10(failures))) return;
  const fields = { ...placeFields(message), count, failures, cause: errorWord(error), detail: errorText(error) };
  log.warn(fields, verdict.kind === 'again' ? 'a handler waits for its dependency' : 'a handler has failed');
}

function placeFields(message: ReceivedMessage): object {
  return { topic: message.topic, partition: message.partition, offset: String(message.offset) };
}

function once(): Tries {
  const now = Date.now();
  return { attempts: 1, firstAt: now, lastAt: now };
}

function backoff(failures: number, pace: DeliveryPace): number {
  const ceiling = Math.min(pace.backoffMaxMs, pace.backoffMinMs * 2 ** (failures - 1));
  return ceiling * (0.5 + Math.random() / 2);
}

async function wait(ms: number, rules: DeliveryRules, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  rules.waiting?.(true);
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
  rules.waiting?.(false);
}
