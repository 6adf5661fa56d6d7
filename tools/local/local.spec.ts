import { describe, expect, it } from 'vitest';
import { metadataRequest, parseMetadataResponse } from './kafka/cluster-metadata.ts';
import { parseChecksums } from './kafka/jars.ts';
import { javaMajor } from './kafka/java.ts';
import { newClusterId } from './kafka/kafka-server.ts';
import { firstClosedFolder } from './postgres/account.ts';
import { troubleIn } from './start/show-troubles.ts';

describe('the version of Java', () => {
  it.each([
    ['openjdk version "17.0.9" 2023-10-17', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_382"', 8],
    ['command not found', null],
  ])('in %j is %s', (output, major) => expect(javaMajor(output)).toBe(major));
});

describe('the list of checksums', () => {
  it('is read as sha256sum writes it, and other lines are no checksums', () => {
    const sum = 'a'.repeat(64);
    const text = `${sum}  kafka-clients-4.4.0.jar\nnonsense\n${sum.slice(1)}  short.jar\n`;
    expect([...parseChecksums(text)]).toEqual([['kafka-clients-4.4.0.jar', sum]]);
  });
});

describe('a cluster id', () => {
  it('never begins with a dash, which the tool would take for an option', () => {
    const draws = [Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0x41)];
    expect(newClusterId(() => draws.shift() ?? Buffer.alloc(16))).toBe(Buffer.alloc(16, 0x41).toString('base64url'));
  });
});

describe('the Metadata request', () => {
  it('is version 5 with its length before it', () => {
    const request = metadataRequest(7);
    expect(request.readInt32BE(0)).toBe(request.length - 4);
    expect([request.readInt16BE(4), request.readInt16BE(6), request.readInt32BE(8)]).toEqual([3, 5, 7]);
  });

  it('is answered with the cluster id behind the brokers', () => {
    const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
    const int32 = (value: number) => Buffer.from([0, 0, 0, value]);
    const broker = Buffer.concat([int32(1), text('127.0.0.1'), int32(9), Buffer.from([0xff, 0xff])]);
    const response = Buffer.concat([int32(7), int32(0), int32(1), broker, text('our-cluster'), int32(1), int32(0)]);
    expect(parseMetadataResponse(response)).toEqual({ clusterId: 'our-cluster', brokers: 1 });
  });
});

describe('the way to a folder', () => {
  const ids = { uid: 70, gid: 70 };
  const rights = (closed: Record<string, { mode: number; uid: number; gid: number }>) => (folder: string) =>
    closed[folder] ?? { mode: 0o755, uid: 0, gid: 0 };

  it('is open when every folder on it may be entered', () => {
    expect(firstClosedFolder('/srv/relay/data', ids, rights({}))).toBeNull();
  });

  it('is closed at the first folder that may not be entered, seen from the top', () => {
    const closed = { mode: 0o700, uid: 0, gid: 0 };
    const stat = rights({ '/root': closed, '/root/relay': closed });
    expect(firstClosedFolder('/root/relay/data', ids, stat)).toBe('/root');
  });

  it('goes by the rights of the owner or the group where they are ours', () => {
    expect(firstClosedFolder('/a/b', ids, rights({ '/a': { mode: 0o700, uid: 70, gid: 0 } }))).toBeNull();
    expect(firstClosedFolder('/a/b', ids, rights({ '/a': { mode: 0o701, uid: 0, gid: 70 } }))).toBe('/a');
  });
});

describe('a line of a log', () => {
  it.each([
    ['{"level":30,"msg":"ready"}', null],
    ['{"level":40,"msg":"Kafka is away"}', 'Kafka is away'],
    ['{"level":"error","msg":"stopped","err":{"message":"no disk"}}', 'stopped (no disk)'],
    ['12:00:00 WARN something', '12:00:00 WARN something'],
    ['plain output', null],
    ['{"level":50', null],
  ])('%s shows %s', (line, trouble) => expect(troubleIn(line)).toBe(trouble));

  it.each([
    ['{"level":40,"msg":"Kafka is away"}', null],
    ['{"level":"warn","msg":"Kafka is away"}', null],
    ['{"level":50,"msg":"no disk"}', 'no disk'],
    ['12:00:00 WARN something', null],
  ])('%s shows %s while everything is still starting', (line, trouble) =>
    expect(troubleIn(line, 'error')).toBe(trouble),
  );
});
