import type { SeenEvent } from './event-log.js';
import { recordName } from './vendor-history.js';

/**
 * Do record topics tell what the vendor has held (docs/CONTRACT.md §6)? The last message of each key is the vendor's present
 * state; the versions show states that it has held, in their order, none twice unless the vendor held it twice; nothing is
 * missing and nothing invented. Knows only the messages and the vendor's states. Returns sentences; empty = all holds.
 * `repeats`: a database was restored, which does not know what the newest version said: the same state may come once more.
 */
export function checkConverged(
  events: readonly SeenEvent[],
  history: ReadonlyMap<string, readonly string[]>,
  { repeats = false }: { readonly repeats?: boolean } = {},
): string[] {
  const problems: string[] = [];
  const messages = new Map<string, SeenEvent[]>();
  for (const event of events) {
    const name = recordName(event.topic, event.key);
    messages.set(name, [...(messages.get(name) ?? []), event]);
  }
  for (const name of messages.keys()) if (!history.has(name)) problems.push(`${name}: the vendor has no such record`);
  for (const [name, states] of history) {
    const of = messages.get(name) ?? [];
    const last = of.at(-1);
    const truth = states.at(-1) as string;
    if (last === undefined ? truth !== 'null' : stateOf(last) !== truth) {
      problems.push(`${name}: ends at ${told(last)}, which is not what the vendor holds`);
    }
    problems.push(...orderProblems(of, states, repeats).map((problem) => `${name}: ${problem}`));
  }
  return problems;
}

/** Each version, in the order in which they were made, shows a later state of the vendor than the one before. */
function orderProblems(of: readonly SeenEvent[], states: readonly string[], repeats: boolean): string[] {
  const versions = new Map<number, SeenEvent>();
  for (const event of of) versions.set(event.version, event);
  let at = -1;
  const problems: string[] = [];
  for (const event of [...versions.values()].toSorted((a, b) => a.version - b.version)) {
    const found = states.indexOf(stateOf(event), repeats ? Math.max(at, 0) : at + 1);
    if (found >= 0) at = found;
    else problems.push(`${told(event)} shows no state that the vendor held after the version before`);
  }
  return problems;
}

const stateOf = ({ value }: SeenEvent): string => JSON.stringify(value?.record ?? null);

const told = (event: SeenEvent | undefined): string =>
  event === undefined ? 'nothing' : `version ${event.version} (${event.headers['ce_cause']})`;
