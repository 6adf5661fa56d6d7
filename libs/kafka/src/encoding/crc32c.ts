const POLYNOMIAL = 0x82f63b78;
const STRIDE = 8;

/** `TABLES[256 * n + byte]`: what a byte does to the sum from `n` bytes before the end of a stride. */
const TABLES = tables();

function tables(): Int32Array {
  const made = new Int32Array(256 * STRIDE);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
    made[byte] = sum;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] as number;
    made[at] = (before >>> 8) ^ (made[before & 0xff] as number);
  }
  return made;
}

/** CRC-32C (Castagnoli) of the bytes, eight of them a step. */
export function crc32c(bytes: Uint8Array): number {
  const t = TABLES as unknown as readonly number[];
  const b = bytes as unknown as readonly number[];
  const { length } = bytes;
  let sum = -1;
  let at = 0;
  for (; at + STRIDE <= length; at += STRIDE) {
    sum ^= b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24);
    sum =
      t[1792 + (sum & 0xff)]! ^
      t[1536 + ((sum >>> 8) & 0xff)]! ^
      t[1280 + ((sum >>> 16) & 0xff)]! ^
      t[1024 + (sum >>> 24)]! ^
      t[768 + b[at + 4]!]! ^
      t[512 + b[at + 5]!]! ^
      t[256 + b[at + 6]!]! ^
      t[b[at + 7]!]!;
  }
  for (; at < length; at++) sum = t[(sum ^ b[at]!) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
