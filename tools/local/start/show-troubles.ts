import { closeSync, openSync, readSync } from 'node:fs';
import { tell } from '../stop-with-message.ts';

/** While parts start they wait for each other, and say so: only errors are worth showing then. */
export type Least = 'warn' | 'error';

/** The one-line form of a log line that a person should see; null for ordinary ones. JSON as services log it, or plain text. */
export function troubleIn(line: string, least: Least = 'warn'): string | null {
  if (!line.startsWith('{')) return PLAIN[least].test(line) ? line : null;
  try {
    const entry = JSON.parse(line) as { level?: unknown; msg?: unknown; err?: { message?: unknown } };
    if (!isTrouble(entry.level, least)) return null;
    const cause = typeof entry.err?.message === 'string' ? ` (${entry.err.message})` : '';
    return `${typeof entry.msg === 'string' ? entry.msg : line}${cause}`;
  } catch {
    return null;
  }
}

const PLAIN = { warn: /\b(WARN|ERROR|FATAL)\b/, error: /\b(ERROR|FATAL)\b/ };
const WORDS: Record<Least, readonly unknown[]> = { warn: ['warn', 'error', 'fatal'], error: ['error', 'fatal'] };

function isTrouble(level: unknown, least: Least): boolean {
  return typeof level === 'number' ? level >= (least === 'warn' ? 40 : 50) : WORDS[least].includes(level);
}

/** Follows a log file and repeats its warnings and errors on the terminal. A trouble told already is told again after a minute. */
export function showTroubles(name: string, logPath: string, least: () => Least): { stop(): void } {
  const file = openSync(logPath, 'r');
  const buffer = Buffer.alloc(64 * 1024);
  const told = new Map<string, number>();
  let rest = '';
  const read = () => {
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      const lines = (rest + buffer.toString('utf8', 0, size)).split('\n');
      rest = lines.pop() ?? '';
      for (const trouble of lines.map((line) => troubleIn(line, least()))) {
        if (trouble === null || Date.now() - (told.get(trouble) ?? 0) < 60_000) continue;
        told.set(trouble, Date.now());
        tell(`  ${name}: ${trouble}`);
      }
    }
  };
  const timer = setInterval(read, 300);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      read();
      closeSync(file);
    },
  };
}
