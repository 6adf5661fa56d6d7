export interface ShownEvent {
  /** Name on the broker, with the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The value's own text; null for a deletion. */
  readonly value: string | null;
}

export function tenantOf(event: Pick<ShownEvent, 'key' | 'headers'>): string {
  return event.headers['ce_tenantid'] ?? event.key.slice(0, event.key.lastIndexOf('/'));
}

/** One line of JSON. The value is spliced in as it is, so that numbers keep the vendor's spelling. */
export function renderJson({ value, offset, ...event }: ShownEvent): string {
  const { topic, partition, key, headers } = event;
  const head = JSON.stringify({ topic, partition, offset: Number(offset), key, headers });
  return `${head.slice(0, -1)},"value":${value ?? 'null'}}`;
}

/** One line for people: when, what happened to which record, what changed, and why. */
export function renderLine(event: ShownEvent): string {
  const { headers } = event;
  const time = (headers['ce_time'] ?? '').slice(11, 19) || '--:--:--';
  const change = (headers['ce_type'] ?? '').split('.').at(-1) ?? '';
  const subject = headers['ce_subject'] ?? event.key.slice(event.key.lastIndexOf('/') + 1);
  const line = [time, change.padEnd(8), subject.padEnd(28), tenantOf(event), ...fieldsOf(event.value)].join('  ');
  return `${printable(line)}  (${printable(headers['ce_cause'] ?? '?')})`;
}

function fieldsOf(value: string | null): string[] {
  if (value === null) return [];
  const { changedFields } = JSON.parse(value) as { changedFields?: readonly string[] };
  if (changedFields === undefined || changedFields.length === 0) return [];
  const rest = changedFields.length > 4 ? ` and ${changedFields.length - 4} more` : '';
  return [changedFields.slice(0, 4).join(' ') + rest];
}

/** Names come from the vendor: control characters would reach the terminal as commands. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
