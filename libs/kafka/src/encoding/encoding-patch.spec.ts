import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { PATCHED_KAFKAJS } from '../idle-timer-patch.js';
import { silentLog } from '../ports.js';
import { crc32c } from './crc32c.js';
import { encodeRecord, type RecordParts } from './encode-record.js';
import { patchEncoding } from './encoding-patch.js';

const load = createRequire(import.meta.url);
const RECORD = 'kafkajs/src/protocol/recordBatch/record/v0';
const CRC = 'kafkajs/src/protocol/recordBatch/crc32C';

/** kafkajs' own, as they were before anything was replaced in this process. */
let originalRecord: (parts: RecordParts) => { buffer: Buffer };
let originalCrc: (bytes: Buffer) => number;

beforeAll(() => {
  originalRecord = load(RECORD) as typeof originalRecord;
  originalCrc = load(CRC) as typeof originalCrc;
});

const RECORDS: Readonly<Record<string, RecordParts>> = {
  'of every member': {
    offsetDelta: 300,
    timestampDelta: 12,
    key: 'provet:host:1/7',
    value: '{"id":7}',
    headers: { ce_id: '7', raw: Buffer.from([0, 255]) },
  },
  'without headers': { key: 'k', value: 'v' },
  'that is a tombstone': { key: 'k', value: null, headers: { a: '' } },
  'without a key': { key: null, value: Buffer.from('bytes') },
  'of letters beyond ASCII': { key: 'Zoë', value: 'naïve 😀 Žofie', headers: { ärger: '€' } },
  'that is long': { key: 'k'.repeat(70), value: 'v'.repeat(20_000), headers: { a: 'w'.repeat(300) } },
  'from before the first one': { timestampDelta: -65, offsetDelta: 0, key: 'k', value: 'v' },
};

describe('a record', () => {
  it.each(Object.keys(RECORDS))('%s is encoded to the bytes that kafkajs makes', (name) => {
    const parts = RECORDS[name] as RecordParts;
    expect(encodeRecord(parts)?.buffer.toString('hex')).toBe(originalRecord(parts).buffer.toString('hex'));
  });

  it('that is not of our kind is left to kafkajs', () => {
    expect(encodeRecord({ key: 'k', value: 'v', headers: { a: ['1', '2'] } })).toBeNull();
    expect(encodeRecord({ key: 'k', value: 'v', timestampDelta: 2 ** 31 })).toBeNull();
  });
});

describe('the sum of the bytes', () => {
  it('is CRC-32C', () => {
    // The check value of the polynomial's definition.
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(0))).toBe(0);
  });

  it('is that of kafkajs, whatever is left over from steps of eight', () => {
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, at) => (at * 89 + 7) & 0xff));
    for (let length = 0; length <= bytes.length; length++) {
      expect(crc32c(bytes.subarray(0, length))).toBe(originalCrc(bytes.subarray(0, length)));
    }
  });
});

describe('the patch of the encoding', () => {
  it('is made for the version that is installed, once', () => {
    expect((load('kafkajs/package.json') as { version: string }).version).toBe(PATCHED_KAFKAJS);
    expect(patchEncoding(silentLog)).toBe(true);
    const replaced = load(RECORD);
    expect(replaced).not.toBe(originalRecord);
    expect(load(CRC)).toBe(crc32c);
    expect(patchEncoding(silentLog)).toBe(true);
    expect(load(RECORD)).toBe(replaced);
  });

  it('gives to kafkajs what it does not encode', () => {
    patchEncoding(silentLog);
    const parts = { key: 'k', value: 'v', headers: { a: ['1', '2'] } };
    const encoded = (load(RECORD) as typeof originalRecord)(parts);
    expect(encoded.buffer.toString('hex')).toBe(originalRecord(parts).buffer.toString('hex'));
  });

  it('leaves another version alone and says so', () => {
    const warnings: string[] = [];
    const other = ((path: string) => ({ version: `9 of ${path}` })) as unknown as NodeJS.Require;
    expect(patchEncoding({ ...silentLog, warn: (_, message) => void warnings.push(message) }, other)).toBe(false);
    expect(warnings).toHaveLength(1);
  });
});
