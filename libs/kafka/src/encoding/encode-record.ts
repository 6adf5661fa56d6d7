/** A record as kafkajs hands it to its encoder. */
export interface RecordParts {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: string | Buffer | null;
  readonly value?: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>>;
}

/** The part of kafkajs' encoder that a batch asks of its records. */
export interface EncodedRecord {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** Above it the zigzag form does not fit into 32 bits. */
const MOST_INT = 2 ** 30;

/**
 * One record of a batch (Kafka protocol, record format 2), in one buffer of the right size. Null for what relays never send,
 * and kafkajs may encode itself: several values of one header, times that lie weeks apart.
 */
export function encodeRecord(parts: RecordParts): EncodedRecord | null {
  const { offsetDelta = 0, timestampDelta = 0, key = null, value = null, headers = {} } = parts;
  if (!isSmall(offsetDelta) || !isSmall(timestampDelta)) return null;
  const fields: (string | Buffer | null)[] = [key, value];
  for (const name of Object.keys(headers)) {
    const header = headers[name];
    if (typeof header !== 'string' && !Buffer.isBuffer(header)) return null;
    fields.push(name, header);
  }
  const sizes = fields.map((field) => (field === null ? -1 : sizeOf(field)));
  const headerCount = (fields.length - 2) / 2;
  const varInts = [timestampDelta, offsetDelta, headerCount, ...sizes];
  const body = sizes.reduce(
    (sum, size) => sum + Math.max(0, size),
    1 + varInts.reduce((sum, n) => sum + widthOf(n), 0),
  );
  const buffer = Buffer.allocUnsafe(widthOf(body) + body);
  let at = putVarInt(buffer, 0, body);
  buffer[at++] = 0; // attributes: none are in use
  at = putVarInt(buffer, at, timestampDelta);
  at = putVarInt(buffer, at, offsetDelta);
  for (let n = 0; n < fields.length; n++) {
    if (n === 2) at = putVarInt(buffer, at, headerCount);
    at = putField(buffer, at, fields[n] as string | Buffer | null, sizes[n] as number);
  }
  if (headerCount === 0) putVarInt(buffer, at, 0);
  return { buf: buffer, buffer };
}

function isSmall(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < MOST_INT;
}

function sizeOf(field: string | Buffer): number {
  return typeof field === 'string' ? Buffer.byteLength(field) : field.length;
}

/** Bytes of a number in zigzag form, seven bits a byte. */
function widthOf(value: number): number {
  let bits = (value << 1) ^ (value >> 31);
  let width = 1;
  while ((bits >>>= 7) !== 0) width += 1;
  return width;
}

function putVarInt(buffer: Buffer, from: number, value: number): number {
  let bits = ((value << 1) ^ (value >> 31)) >>> 0;
  let at = from;
  for (; bits > 0x7f; bits >>>= 7) buffer[at++] = (bits & 0x7f) | 0x80;
  buffer[at++] = bits;
  return at;
}

function putField(buffer: Buffer, from: number, field: string | Buffer | null, size: number): number {
  const at = putVarInt(buffer, from, size);
  if (field === null) return at;
  if (typeof field !== 'string') field.copy(buffer, at);
  // One byte a character: plain ASCII, which is written fastest as what it is.
  else buffer.write(field, at, size, field.length === size ? 'latin1' : 'utf8');
  return at + size;
}
