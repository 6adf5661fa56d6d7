import { setTimeout as delay } from 'node:timers/promises';
import { StopWithMessage } from '../stop-with-message.ts';
import { endOfLog, type Child } from './child.ts';

const PATIENCE_MS = 120_000;

/** Waits until a part answers 200 under an address. One that ends, or never gets ready, stops the start with its log. */
export async function untilReady(child: Child, url: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let last = 'no answer';
  while (Date.now() < end) {
    if (child.hasEnded) {
      const how = await child.ended;
      throw new StopWithMessage(
        'part-ended',
        `${child.name} ended with ${how} before it was ready. ${endOfLog(child)}`,
      );
    }
    const answer = await ask(url);
    if (answer.ok) return;
    last = answer.text;
    await delay(150);
  }
  const seconds = PATIENCE_MS / 1000;
  throw new StopWithMessage('not-ready', `${child.name} is not ready after ${seconds} s: ${last}\n${endOfLog(child)}`);
}

async function ask(url: string): Promise<{ ok: boolean; text: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return { ok: response.ok, text: (await response.text()).slice(0, 500) };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}
