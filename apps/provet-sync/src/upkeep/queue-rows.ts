/** Which members of a row of `/hook/queue/` say what. The vendor has not published them, so they are settings. */
export interface QueueMembers {
  /** The hook: its address, its number, or the URL that it calls. */
  readonly hook: string;
  /** How the delivery went: a word, or the HTTP status. */
  readonly outcome: string;
  /** When it was made or tried. */
  readonly at: string;
}

export interface QueueReading {
  readonly members: QueueMembers;
  /** Words of `outcome` that mean a failure, in small letters. */
  readonly failed: readonly string[];
}

export interface QueueRow {
  readonly hookId: string;
  readonly isFailed: boolean;
  readonly at: number;
}

/** The rows of a page; null when any of them is not understood: nothing may be concluded from half of a list. */
export function queueRows(rows: readonly unknown[], reading: QueueReading): QueueRow[] | null {
  const read = rows.map((row) => queueRow(row, reading));
  return read.includes(null) ? null : (read as QueueRow[]);
}

function queueRow(row: unknown, { members, failed }: QueueReading): QueueRow | null {
  if (typeof row !== 'object' || row === null) return null;
  const { [members.hook]: hook, [members.outcome]: outcome, [members.at]: time } = row as Record<string, unknown>;
  const hookId = hookIdOf(hook);
  const isFailed = outcomeFailed(outcome, failed);
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return hookId === null || isFailed === null || Number.isNaN(at) ? null : { hookId, isFailed, at };
}

function hookIdOf(hook: unknown): string | null {
  if (typeof hook === 'number' && Number.isSafeInteger(hook)) return String(hook);
  if (typeof hook !== 'string') return null;
  return /(?:^|\/)(\d{1,15})\/?$/.exec(hook)?.[1] ?? null;
}

function outcomeFailed(outcome: unknown, failed: readonly string[]): boolean | null {
  // As the vendor counts: anything but 200 is sent again.
  if (typeof outcome === 'number') return outcome !== 200;
  return typeof outcome === 'string' ? failed.includes(outcome.toLowerCase()) : null;
}
