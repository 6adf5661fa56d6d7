import { ConfigError, readConfig } from '@relay/service-kit';
import { keyring } from '@relay/testing';
import { expect, it } from 'vitest';
import { settings } from './config.js';

const env = { ...keyring(), KAFKA_BROKERS: '127.0.0.1:9092', PUBLIC_URL: 'https://relay.example' };
const read = (over: Record<string, string>) =>
  readConfig(settings, { env: { ...env, ...over }, defaults: { managementPort: 0 } });
const problems = (over: Record<string, string>) => {
  try {
    read(over);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
};

it('starts with what `npm run keys` prints', () => {
  expect(read({})).toMatchObject({ port: 3000, provetAllowHttp: false, trustedProxies: [] });
});

it.each([
  ['HOOKUP_SECRET', 'planted-too-short'],
  ['HOOKUP_SECRET', `${'x'.repeat(40)},planted`],
  ['WEBHOOK_KEYS', 'planted'],
  ['WEBHOOK_KEYS', `${env.WEBHOOK_KEYS},planted`],
  ['CREDENTIAL_PUBLIC_JWKS', '{"keys":"planted"}'],
  ['PROVET_ALLOWED_HOSTS', 'planted/9'],
  ['TRUSTED_PROXIES', '10.0.0.0/8,planted'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['PUBLIC_URL', 'planted'],
])('refuses %s=%s and names it', (name, value) => {
  const found = problems({ [name]: value });
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(name);
});

it('never repeats the value of a secret', () => {
  const found = problems({ HOOKUP_SECRET: 'planted-secret', WEBHOOK_KEYS: 'planted-key' });
  expect(found).toHaveLength(2);
  expect(found.join('\n')).not.toContain('planted');
});
