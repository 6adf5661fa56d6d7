import { ConfigError, readConfig } from '@relay/service-kit';
import { keyring } from '@relay/testing';
import { expect, it } from 'vitest';
import { settings } from './config.js';

const keys = keyring();
const env = {
  ...keys,
  KAFKA_BROKERS: '127.0.0.1:9092',
  DATABASE_URL: 'postgres://u:p@127.0.0.1/x',
  PUBLIC_URL: 'https://relay.example',
};
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

it('starts with what `npm run keys` prints, EXACT off', () => {
  expect(read({})).toMatchObject({ port: 3002, exactEnvironment: '', exactClientId: null });
});

it('needs the EXACT client with the environment, and names both', () => {
  const found = problems({ EXACT_ENVIRONMENT: 'qa' }).join('\n');
  expect(found).toContain('EXACT_CLIENT_ID');
  expect(found).toContain('EXACT_CLIENT_SECRET');
  expect(problems({ EXACT_ENVIRONMENT: 'qa', EXACT_CLIENT_ID: 'c', EXACT_CLIENT_SECRET: 's' })).toEqual([]);
});

it('refuses keys of the wrong kind without repeating them', () => {
  const found = problems({
    CREDENTIAL_PRIVATE_JWKS: keys.CREDENTIAL_PUBLIC_JWKS,
    PROVET_TOKEN_PUBLIC_JWKS: '{"keys":[]}',
    STORAGE_KEYS_JWKS: 'nonsense-planted',
  });
  for (const name of ['CREDENTIAL_PRIVATE_JWKS', 'PROVET_TOKEN_PUBLIC_JWKS', 'STORAGE_KEYS_JWKS']) {
    expect(found.join('\n')).toContain(name);
  }
  expect(found.join('\n')).not.toContain('planted');
});
