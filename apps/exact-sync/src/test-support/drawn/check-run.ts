import { recordTopic } from '@relay/contracts';
import type { ExactModel } from '../exact-model.js';
import { KINDS } from './plan.js';
import { spelt, type Held, type Name } from './truth.js';

/** One line each; the first word names the rule. */
export type Violation = string;

export interface Evidence {
  readonly model: ExactModel;
  readonly states: ReadonlyMap<Name, readonly Held[]>;
  /** The database was restored: what it knew is gone. */
  readonly isRestored: boolean;
}

const DAY = 86_400_000;

interface Message {
  readonly version: number;
  /** null: a tombstone. */
  readonly text: string | null;
}

/**
 * Says what is wrong with a run, from what outsiders see of it and from the truth at the vendor. In the end every record that
 * lists or windows show is in the log as the vendor holds it, and none that is gone; on the way each key shows states that
 * the vendor held, in their order. Of appointments outside of the windows only what was shown of them is judged.
 */
export function checkRun(evidence: Evidence): Violation[] {
  const found: Violation[] = [];
  const log = logOf(evidence.model);
  for (const name of new Set([...evidence.states.keys(), ...log.keys()])) {
    const states = evidence.states.get(name) ?? [];
    const messages = log.get(name) ?? [];
    checkTail(name, states, messages, evidence, found);
    checkStates(name, states, messages, evidence.isRestored, found);
  }
  checkStatus(evidence.model, found);
  return found;
}

function checkTail(
  name: Name,
  states: readonly Held[],
  messages: readonly Message[],
  { model }: Evidence,
  found: Violation[],
): void {
  const truth = states.at(-1)?.text ?? null;
  const last = messages.at(-1)?.text ?? null;
  if (last === truth || !isShown(name, states, model)) return;
  const what = truth === null ? 'is there, the vendor has no such record' : last === null ? 'is not there' : 'is old';
  found.push(`tail: ${show(name)} ${what}`);
}

/** Whether lists show the record, or would if it was there. A day at the edges is left to the windows. */
function isShown(name: Name, states: readonly Held[], model: ExactModel): boolean {
  if (!name.includes('\0appointment\0')) return true;
  // What was out of the windows once may have been removed there, where nobody looks.
  const now = model.clock.now();
  const inside = (at: number | null): boolean => at === null || (at > now - 29 * DAY && at < now + 364 * DAY);
  const isGone = states.at(-1)?.text === null;
  return isGone ? states.every(({ startsAt }) => inside(startsAt)) : inside(states.at(-1)?.startsAt ?? null);
}

function checkStates(
  name: Name,
  states: readonly Held[],
  messages: readonly Message[],
  isRestored: boolean,
  found: Violation[],
): void {
  const versions = new Map<number, string | null>();
  for (const { version, text } of messages) {
    const before = versions.get(version);
    if (before !== undefined && before !== text) found.push(`order: ${show(name)} version ${version} has two contents`);
    versions.set(version, text);
  }
  const ordered = [...versions].sort(([a], [b]) => a - b);
  if (messages.length > 0 && messages.at(-1)?.version !== ordered.at(-1)?.[0]) {
    found.push(`order: ${show(name)} does not end with its newest version`);
  }
  let last = -1;
  for (const [version, text] of ordered) {
    const at = states.findIndex((state, place) => (isRestored || place > last) && state.text === text);
    if (at < 0) found.push(`order: ${show(name)} version ${version} shows what the vendor did not hold after the one before`);
    else last = at;
  }
}

function checkStatus(model: ExactModel, found: Violation[]): void {
  for (const [key, { value }] of model.log.tail('sync-status.v1')) {
    const { phase, parked } = JSON.parse(value ?? '{}') as { phase?: string; parked?: number };
    if (phase !== 'live') found.push(`status: ${key} is ${phase} in the end`);
    if (parked !== 0) found.push(`status: ${key} has ${parked} parked in the end`);
  }
}

function logOf(model: ExactModel): Map<Name, Message[]> {
  const log = new Map<Name, Message[]>();
  for (const kind of KINDS) {
    for (const { key, value, headers } of model.log.messages(recordTopic('exact', kind))) {
      const tenantId = headers['ce_tenantid'] ?? '';
      const name = `${tenantId.slice('exact:qa:'.length)}\0${kind}\0${key.slice(tenantId.length + 1)}`;
      const record = value === null ? null : (JSON.parse(value) as { record: Record<string, unknown> }).record;
      const message = { version: Number(headers['ce_recordversion']), text: record && spelt(record) };
      log.set(name, [...(log.get(name) ?? []), message]);
    }
  }
  return log;
}

const show = (name: Name): string => name.split('\0').join(' ');
