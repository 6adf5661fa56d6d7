import type { SeenEvent } from './event-log.js';
import { schemaProblems } from './schemas.js';

/**
 * What must hold of a record topic whatever happened (docs/CONTRACT.md §6), found from the messages alone. Knows nothing of
 * how the relay works. Returns sentences; empty = all holds.
 */
export function checkLog(events: readonly SeenEvent[]): string[] {
  const problems: string[] = [];
  const highest = new Map<string, number>();
  const last = new Map<string, number>();
  const contents = new Map<string, string>();
  for (const event of events) {
    const name = `${event.topic} ${event.key}@${event.version}`;
    problems.push(...formProblems(event).map((problem) => `${name}: ${problem}`));
    const key = `${event.topic}|${event.key}`;
    highest.set(key, Math.max(event.version, highest.get(key) ?? 0));
    last.set(key, event.version);
    const content = JSON.stringify([event.value?.record, event.value?.changedFields, event.value?.previousVersion]);
    const id = event.headers['ce_id'] ?? '';
    if (contents.has(id) && contents.get(id) !== content) problems.push(`${name}: sent twice with different contents`);
    contents.set(id, content);
  }
  for (const [key, version] of last) {
    if (version !== highest.get(key)) problems.push(`${key}: the last message is ${version}, not ${highest.get(key)}`);
  }
  return problems;
}

function formProblems(event: SeenEvent): string[] {
  const problems: string[] = [];
  problems.push(...schemaProblems('record-event-headers.v1', event.headers));
  if (event.value === null) {
    if (event.headers['ce_type']?.endsWith('.deleted') !== true) problems.push('a tombstone that is no deletion');
    return problems;
  }
  problems.push(...schemaProblems('record-event.v1', event.value));
  const { tenantId, recordId, resource, version, previousVersion } = event.value;
  if (event.key !== `${tenantId}/${recordId}`) problems.push('the key is not tenant and record');
  if (event.headers['ce_id'] !== `${tenantId}/${resource}/${recordId}@${version}`) problems.push('ce_id is off');
  if (version !== event.version) problems.push('header and value name different versions');
  if (previousVersion !== null && previousVersion >= version) problems.push('the previous version is not older');
  return problems;
}
