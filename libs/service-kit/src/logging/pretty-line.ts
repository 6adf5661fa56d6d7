const COLOURS: Readonly<Record<string, string>> = {
  trace: '90',
  debug: '36',
  info: '32',
  warn: '33',
  error: '31',
  fatal: '35',
};

/** Turns one JSON log line into a line for people: time, level, service, message, then the fields. */
export function prettyLine(json: string, colour: boolean): string {
  let line: unknown;
  try {
    line = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof line !== 'object' || line === null) return json;
  const { time, level, service, msg, err, ...rest } = line as Record<string, unknown>;
  const name = String(level);
  const head = colour ? `\u001b[${COLOURS[name] ?? '0'}m${name.padEnd(5)}\u001b[0m` : name.padEnd(5);
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const parts = [String(time).slice(11, 23), head, String(service), String(msg), ...fields].filter(
    (part) => part !== '',
  );
  return `${parts.join(' ')}${errorLines(err)}\n`;
}

function errorLines(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { type, message, stack, cause } = error as Record<string, unknown>;
  const text = typeof stack === 'string' ? stack : `${String(type)}: ${String(message)}`;
  return `\n  ${text.replaceAll('\n', '\n  ')}${cause ? `\n  caused by${errorLines(cause)}` : ''}`;
}
