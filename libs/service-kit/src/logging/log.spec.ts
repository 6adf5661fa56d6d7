import { describe, expect, it } from 'vitest';
import { Log, type LogOptions } from './log.js';

function collecting(options: Partial<LogOptions> = {}): {
  log: Log;
  lines: string[];
  last: () => Record<string, unknown>;
} {
  const lines: string[] = [];
  const log = Log.create({
    service: 'gateway',
    level: 'info',
    format: 'json',
    write: (line) => lines.push(line),
    ...options,
  });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('Log', () => {
  it('writes level, service, time, fields and message', () => {
    const { log, last } = collecting();
    log.child({ shard: 3 }).info({ tenantId: 'exact:qa:1', count: 2n }, 'loaded');
    expect(last()).toMatchObject({
      level: 'info',
      service: 'gateway',
      shard: 3,
      tenantId: 'exact:qa:1',
      count: '2',
      msg: 'loaded',
    });
    expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('leaves out lines below its level', () => {
    const { log, lines } = collecting({ level: 'warn' });
    log.info({}, 'not this');
    log.warn({}, 'this');
    expect(lines).toHaveLength(1);
    expect(log.writes('debug')).toBe(false);
  });

  it('hides values under keys that name secrets, at any depth, and keeps facts about them', () => {
    const { log, last } = collecting();
    log.info(
      {
        client_secret: 'x',
        headers: { Authorization: 'Bearer x', accept: 'json' },
        list: [{ accessToken: 'x' }],
        sealed: { deep: 'x' },
        tokenVersion: 7,
        credentialId: 'a/b',
        password: null,
      },
      'fields',
    );
    expect(last()).toMatchObject({
      client_secret: '[hidden]',
      headers: { Authorization: '[hidden]', accept: 'json' },
      list: [{ accessToken: '[hidden]' }],
      sealed: '[hidden]',
      tokenVersion: 7,
      credentialId: 'a/b',
      password: null,
    });
  });

  it.each(['json', 'pretty'] as const)('never prints a registered text, wherever it stands (%s)', (format) => {
    const { log, lines } = collecting({ format });
    const secret = 'line one\n"quoted" $1.*';
    log.neverPrint(secret);
    log.neverPrint('plain-secret');
    log
      .child({ field: 'plain-secret' })
      .error({ err: new Error(`failed with ${secret}`), url: `/x/${encodeURIComponent(secret)}` }, 'plain-secret!');
    expect(lines.join('')).not.toMatch(/plain-secret|line one|line%20one/);
    expect(lines.join('')).toContain('[hidden]');
  });

  it('does not blank out short words', () => {
    const { log, last } = collecting();
    log.neverPrint('dev');
    log.info({}, 'developers');
    expect(last()['msg']).toBe('developers');
  });

  it('prints of an error what is safe: no parameters, no rows', () => {
    const { log, last } = collecting();
    const error = Object.assign(new Error('duplicate key', { cause: new RangeError('inner') }), {
      code: '23505',
      detail: 'Key (secret)=(abc) exists',
      parameters: ['abc'],
    });
    log.error({ err: error }, 'insert failed');
    expect(last()['err']).toMatchObject({
      type: 'Error',
      message: 'duplicate key',
      code: '23505',
      cause: { type: 'RangeError' },
    });
    expect(JSON.stringify(last())).not.toContain('abc');
  });

  it('is readable for people in pretty format', () => {
    const { log, lines } = collecting({ format: 'pretty' });
    log.warn({ port: 3000, list: ['a'] }, 'port is slow');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}gateway port is slow port=3000 list=\["a"\]\n$/);
  });
});
