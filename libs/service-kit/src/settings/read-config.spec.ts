import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { commonSettings, portSetting } from './common-settings.js';
import { ConfigError } from './config-error.js';
import { setting } from './kinds.js';
import { readConfig, type ReadConfigOptions } from './read-config.js';
import { defineSettings, type Settings } from './setting.js';

const settings = defineSettings({
  url: setting.url({ env: 'PUBLIC_URL', about: 'outside address' }),
  key: setting.secret({ env: 'KEY', about: 'a key', min: 8 }),
  pace: setting.seconds({ env: 'PACE_SECONDS', about: 'pace', default: 900 }),
  share: setting.number({ env: 'SHARE', about: 'share', min: 0, max: 1, default: 0.9 }),
  on: setting.flag({ env: 'ON', about: 'on', default: false }),
  mode: setting.choice({ env: 'MODE', about: 'mode', values: ['a', 'b', ''], default: '' }),
  names: setting.list({ env: 'NAMES', about: 'names', default: ['x'] }),
  ca: setting.optionalText({ env: 'CA', about: 'certificate' }),
});
const enough = { PUBLIC_URL: 'https://relay.example', KEY: 'kkkkkkkk' };

function problemsOf<S extends Settings>(declared: S, options: ReadConfigOptions<S>): readonly string[] {
  try {
    readConfig(declared, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function file(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'value'), content);
  return join(folder, 'value');
}

describe('readConfig', () => {
  it('gives typed values, and defaults for what is not set', () => {
    const config = readConfig(settings, {
      env: { ...enough, ON: 'true', NAMES: ' a, b ,', PUBLIC_URL: 'https://x.example/base/' },
    });
    expect(config).toEqual({
      url: 'https://x.example/base',
      key: 'kkkkkkkk',
      pace: 900,
      share: 0.9,
      on: true,
      mode: '',
      names: ['a', 'b'],
      ca: null,
    });
    expectTypeOf(config.mode).toEqualTypeOf<'a' | 'b' | ''>();
    expectTypeOf(config.ca).toEqualTypeOf<string | null>();
    // @ts-expect-error a config is read once and never written
    expect(() => (config.pace = 1)).toThrow(TypeError);
  });

  it('names all problems at once and repeats no value', () => {
    const env = { KEY: 'hunter2', PACE_SECONDS: '0', SHARE: '1.5', ON: 'maybe', MODE: 'c', NAMES: ' , ' };
    const problems = problemsOf(settings, { env });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'PUBLIC_URL',
      'KEY',
      'PACE_SECONDS',
      'SHARE',
      'ON',
      'MODE',
      'NAMES',
    ]);
    expect(problems.join('\n')).not.toMatch(/hunter2|maybe/);
  });

  it('treats an empty variable as not set', () => {
    expect(readConfig(settings, { env: { ...enough, PACE_SECONDS: '', MODE: '' } }).pace).toBe(900);
    expect(problemsOf(settings, { env: { ...enough, KEY: '' } })).toEqual(['KEY is missing: a key']);
  });

  it.each(['ftp://x.example', 'https://user:pw@x.example', 'https://x.example/?a=1', 'x.example', 'https://'])(
    'refuses %s as a base address',
    (url) => expect(problemsOf(settings, { env: { ...enough, PUBLIC_URL: url } })).toHaveLength(1),
  );

  it.each(['1e3', '0x10', '12.5', 'ten', '99999999999999999999', ' '])('refuses %s as whole seconds', (text) => {
    expect(problemsOf(settings, { env: { ...enough, PACE_SECONDS: text } })).toHaveLength(1);
  });

  it('reads NAME_FILE without the line break at its end, keeping others', () => {
    const env = { PUBLIC_URL: enough.PUBLIC_URL, KEY_FILE: file('line one\nline two\n') };
    expect(readConfig(settings, { env }).key).toBe('line one\nline two');
  });

  it('refuses a file that cannot be read, an empty one, and a value given twice', () => {
    const at = (key: Record<string, string>) =>
      problemsOf(settings, { env: { PUBLIC_URL: enough.PUBLIC_URL, ...key } });
    expect(at({ KEY_FILE: '/nowhere/at/all' })).toEqual(['KEY_FILE names a file that cannot be read (ENOENT)']);
    expect(at({ KEY_FILE: file('\n') })).toEqual(['KEY_FILE names an empty file']);
    expect(at({ KEY: 'kkkkkkkk', KEY_FILE: file('kkkkkkkk') })).toEqual([
      'KEY and KEY_FILE are both set: give one of them',
    ]);
  });

  it('runs rules between settings of one service only on values of the right form', () => {
    const crossChecks = (config: { pace: number }) => (config.pace > 10 ? ['PACE_SECONDS is too slow for this'] : []);
    expect(problemsOf(settings, { env: enough, crossChecks })).toEqual(['PACE_SECONDS is too slow for this']);
    expect(problemsOf(settings, { env: { ...enough, PACE_SECONDS: 'x' }, crossChecks })).toHaveLength(1);
  });

  it('names what such a rule finds together with the other problems', () => {
    const crossChecks = (config: { pace: number }) => (config.pace > 10 ? ['PACE_SECONDS is too slow for this'] : []);
    const problems = problemsOf(
      { ...settings, other: setting.integer({ env: 'OTHER', about: 'a number' }) },
      {
        env: { ...enough, OTHER: 'x' },
        crossChecks,
      },
    );
    expect(problems).toEqual(['OTHER must be a whole number', 'PACE_SECONDS is too slow for this']);
  });
});

describe('common settings', () => {
  const common = defineSettings({ ...commonSettings, ...portSetting(3000) });
  const env = { KAFKA_BROKERS: 'a:9092,b:9093' };

  it('have the defaults of the contract', () => {
    const config = readConfig(common, { env, defaults: { managementPort: 4003 } });
    expect(config).toMatchObject({
      kafkaBrokers: ['a:9092', 'b:9093'],
      kafkaSessionTimeoutMs: 10_000,
      topicPrefix: 'relay.',
      consumerGroupPrefix: 'relay.',
      topicPartitions: 12,
      topicReplication: 1,
      topicMinInsync: 1,
      topicCreate: true,
      host: '127.0.0.1',
      port: 3000,
      managementPort: 4003,
      logLevel: 'info',
      logFormat: 'json',
      shutdownGraceMs: 10_000,
    });
  });

  it('derive the in-sync copies from the copies', () => {
    expect(readConfig(common, { env: { ...env, TOPIC_REPLICATION: '3' } }).topicMinInsync).toBe(2);
    expect(readConfig(common, { env: { ...env, TOPIC_REPLICATION: '3', TOPIC_MIN_INSYNC: '3' } }).topicMinInsync).toBe(
      3,
    );
  });

  it.each([
    [{ KAFKA_BROKERS: 'nohost' }, /^KAFKA_BROKERS /],
    [{ KAFKA_SESSION_TIMEOUT_MS: '5999' }, /^KAFKA_SESSION_TIMEOUT_MS /],
    [{ TOPIC_MIN_INSYNC: '2' }, /^TOPIC_MIN_INSYNC .*TOPIC_REPLICATION/],
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' }, /^KAFKA_SASL_MECHANISM needs/],
    [{ KAFKA_SASL_PASSWORD: 'p' }, /^KAFKA_SASL_MECHANISM needs/],
    [{ KAFKA_SSL_CERT: 'c' }, /^KAFKA_SSL_KEY needs/],
    [{ SHUTDOWN_GRACE_MS: '-1' }, /^SHUTDOWN_GRACE_MS /],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL /],
    [{ PORT: '4000', MANAGEMENT_PORT: '4000' }, /^MANAGEMENT_PORT must differ/],
    [{ TOPIC_PREFIX: 'a/b' }, /^TOPIC_PREFIX /],
  ])('refuse %o', (wrong, message) => {
    expect(problemsOf(common, { env: { ...env, ...wrong } })).toEqual([expect.stringMatching(message)]);
  });

  it('accept a grace of zero', () => {
    expect(readConfig(common, { env: { ...env, SHUTDOWN_GRACE_MS: '0' } }).shutdownGraceMs).toBe(0);
  });
});
