import { describe, expect, it } from 'vitest';
import { databaseSettings } from './database-settings.js';
import { describeSettings, maskedSummary, renderEnvExample, secretTexts } from './describe-settings.js';
import { setting } from './kinds.js';
import { readConfig } from './read-config.js';
import { defineSettings } from './setting.js';

const settings = defineSettings({
  ...databaseSettings,
  keys: setting.list({ env: 'KEYS', about: 'Keys', secret: true }),
  jwks: setting.secret({ env: 'JWKS', about: 'Key set' }),
  port: setting.port({ env: 'PORT', about: 'Port', default: 3000 }),
  ca: setting.optionalText({ env: 'CA', about: 'Certificate' }),
});
const env = {
  DATABASE_URL: 'postgres://relay:pa%23ssword@db:5432/relay',
  KEYS: 'first-key,second-key',
  JWKS: '{"keys":[{"kty":"oct","k":"c2VjcmV0LWtleS1ieXRlcw"}]}',
};
const config = readConfig(settings, { env });

describe('maskedSummary', () => {
  it('shows every setting and no secret', () => {
    expect(maskedSummary(settings, config)).toEqual([
      'DATABASE_URL=postgres://db:5432/relay',
      'DATABASE_POOL_SIZE=10',
      'KEYS=(set)',
      'JWKS=(set)',
      'PORT=3000',
      'CA=(not set)',
    ]);
  });
});

describe('secretTexts', () => {
  it('finds whole values, list entries, key material and passwords', () => {
    expect(secretTexts(settings, config)).toEqual(
      expect.arrayContaining([
        env.DATABASE_URL,
        'pa#ssword',
        'first-key',
        'second-key',
        env.JWKS,
        'c2VjcmV0LWtleS1ieXRlcw',
      ]),
    );
  });
});

describe('renderEnvExample', () => {
  it('lists what is required open and what has a default commented out, each variable once', () => {
    const section = { title: 'all', settings: describeSettings(settings, { defaults: { port: 3005 } }) };
    const text = renderEnvExample([section, { title: 'again', settings: section.settings }]);
    expect(text).toContain('\nKEYS=\n');
    expect(text).toContain('#PORT=3005\n');
    expect(text).toContain('#CA=\n');
    expect(text.match(/PORT=/g)).toHaveLength(1);
    expect(text).not.toContain('again');
  });
});
