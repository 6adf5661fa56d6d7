import { createRequire } from 'node:module';
import { PATCHED_KAFKAJS } from '../idle-timer-patch.js';
import type { KafkaLog } from '../ports.js';
import { crc32c } from './crc32c.js';
import { encodeRecord, type RecordParts } from './encode-record.js';

type EncodeRecord = (parts: RecordParts) => unknown;

const RECORD = 'kafkajs/src/protocol/recordBatch/record/v0';
const CRC = 'kafkajs/src/protocol/recordBatch/crc32C';

const replaced = new WeakSet<object>();

/**
 * kafkajs 2.2.4 makes thirty small buffers and as many encoders of half a kilobyte for one record with headers like ours, and
 * sums its bytes one by one: a fifth of what a first reading costs. Both are done in one go here, to the same bytes. It has to
 * happen before the first message is sent, which is when kafkajs loads what uses them. Returns false, and says so in the log,
 * when kafkajs is another version.
 */
export function patchEncoding(log: KafkaLog, load: NodeJS.Require = createRequire(import.meta.url)): boolean {
  const { version } = load('kafkajs/package.json') as { version: string };
  if (version !== PATCHED_KAFKAJS) {
    log.warn({ version, expected: PATCHED_KAFKAJS }, 'kafkajs is another version: its encoding is left as it is');
    return false;
  }
  const original = load(RECORD) as EncodeRecord;
  if (replaced.has(original)) return true;
  const fast: EncodeRecord = (parts) => encodeRecord(parts) ?? original(parts);
  replaced.add(fast);
  replace(load, RECORD, fast);
  load(CRC);
  replace(load, CRC, crc32c);
  return true;
}

function replace(load: NodeJS.Require, path: string, exports: unknown): void {
  const module = load.cache[load.resolve(path)];
  if (module === undefined) throw new Error(`${path} is not loaded`);
  module.exports = exports;
}
