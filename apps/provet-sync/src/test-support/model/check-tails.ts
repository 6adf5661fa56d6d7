import type { Evidence, Published, RecordName, Violation } from './evidence.js';
import { spelt, speltMember } from './exact-value.js';
import { volatileOf } from './log-versions.js';

/** In the end the mirror and the last message of every key are what the vendor holds, and nothing else is there. */
export function checkTails(evidence: Evidence): Violation[] {
  const found: Violation[] = [];
  const tail = new Map<RecordName, Published>();
  for (const message of evidence.log) tail.set(message.record, message);
  for (const record of new Set([...evidence.history.keys(), ...tail.keys(), ...evidence.mirror.keys()])) {
    const truth = evidence.history.get(record)?.at(-1)?.text ?? null;
    const volatile = volatileOf(record, evidence);
    const expected = truth === null ? null : spelt(truth, volatile);
    const mirrored = evidence.mirror.get(record);
    const mirror = mirrored === undefined || mirrored.text === null ? null : spelt(mirrored.text, volatile);
    const last = tail.get(record);
    const told = last === undefined || last.value === null ? null : speltMember(last.value, 'record', volatile);
    if (mirror !== expected) found.push(`mirror: ${show(record)} ${difference(mirror, expected)}`);
    if (told !== expected) found.push(`tail: ${show(record)} ${difference(told, expected)}`);
    const version = Number(last?.headers['ce_recordversion'] ?? 0);
    if (mirrored !== undefined && last !== undefined && mirrored.version !== version) {
      found.push(`tail: ${show(record)} ends at version ${version}, the mirror at ${mirrored.version}`);
    }
  }
  for (const { tenantId, resource, phase } of evidence.told) {
    if (phase !== 'live') found.push(`status: ${tenantId} ${resource} is ${phase} in the end`);
  }
  return found;
}

function difference(actual: string | null, expected: string | null): string {
  if (expected === null) return 'is there, the vendor has no such record';
  if (actual === null) return 'is not there, the vendor has it';
  return 'is not what the vendor holds';
}

/** A record's name for people. */
export const show = (record: RecordName): string => record.split('\0').join(' ');
