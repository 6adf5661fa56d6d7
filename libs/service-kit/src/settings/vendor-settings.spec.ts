import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { exactSettings } from './exact-settings.js';
import { outgoingHttpSettings } from './outgoing-http-settings.js';
import { provetHostSettings } from './provet-host-settings.js';
import { readConfig } from './read-config.js';
import type { Settings } from './setting.js';

function problems(settings: Settings, env: Record<string, string>): readonly string[] {
  try {
    readConfig(settings, { env });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
const QA_API = 'https://qa-api.ex.softwareofexcellence.com';
const QA_AUTHORITY = 'https://qa-auth.softwareofexcellence.com';
const PRODUCTION_API = 'https://api.ex.softwareofexcellence.com';
const PRODUCTION_TOKEN = 'https://auth.softwareofexcellence.com/connect/token';

describe('EXACT settings', () => {
  it('are off without an environment', () => {
    expect(readConfig(exactSettings, { env: {} })).toMatchObject({
      exactEnvironment: '',
      exactApiUrl: '',
      exactAuthorityUrl: '',
      exactTokenUrl: '',
    });
  });

  it('take the hosts of the environment', () => {
    const config = readConfig(exactSettings, { env: { EXACT_ENVIRONMENT: 'qa' } });
    expect([config.exactApiUrl, config.exactAuthorityUrl, config.exactTokenUrl]).toEqual([
      QA_API,
      'https://qa-auth.softwareofexcellence.com',
      '',
    ]);
  });

  it('ask for the scopes of the resources that are read', () => {
    const scopes = (env: Record<string, string>) => readConfig(exactSettings, { env }).exactScopes;
    expect(scopes({ EXACT_RESOURCES: 'appointment' })).toEqual([
      'appointment.get',
      'appointment.list',
      'practice.get',
      'productsubscription.get',
    ]);
    expect(scopes({})).toContain('patient.list');
    expect(scopes({ EXACT_SCOPES: 'one,two' })).toEqual(['one', 'two']);
  });

  it.each([
    [{ EXACT_ENVIRONMENT: 'production', EXACT_API_URL: QA_API }, /^EXACT_API_URL is the vendor's qa host/],
    [{ EXACT_ENVIRONMENT: 'qa', EXACT_API_URL: PRODUCTION_API }, /^EXACT_API_URL is the vendor's production host/],
    [{ EXACT_ENVIRONMENT: 'production', EXACT_AUTHORITY_URL: QA_AUTHORITY }, /^EXACT_AUTHORITY_URL is the vendor's qa/],
    [
      { EXACT_ENVIRONMENT: 'qa', EXACT_TOKEN_URL: PRODUCTION_TOKEN },
      /^EXACT_TOKEN_URL is the vendor's production host/,
    ],
    [{ EXACT_ENVIRONMENT: 'production', EXACT_TOKEN_URL: `${QA_AUTHORITY}./t` }, /^EXACT_TOKEN_URL is the vendor's qa/],
    [
      { EXACT_ENVIRONMENT: 'production', EXACT_API_URL: 'https://QA-api2.SoftwareOfExcellence.com' },
      /^EXACT_API_URL is/,
    ],
    [{ EXACT_API_URL: QA_API, EXACT_TOKEN_URL: PRODUCTION_TOKEN }, /^EXACT_TOKEN_URL is a production host beside a qa/],
    [{ EXACT_ENVIRONMENT: 'qa', EXACT_API_URL: 'http://exact.example' }, /^EXACT_API_URL must be https/],
    [{ EXACT_ENVIRONMENT: 'qa', EXACT_TOKEN_URL: 'http://10.0.0.1/t' }, /^EXACT_TOKEN_URL must be https/],
    [{ EXACT_ENVIRONMENT: 'test' }, /^EXACT_ENVIRONMENT must be one of production, qa/],
    [{ EXACT_RESOURCES: 'patient,invoice' }, /^EXACT_RESOURCES may hold only/],
  ])('refuse %o', (env, message) => {
    expect(problems(exactSettings, env)).toEqual([expect.stringMatching(message)]);
  });

  it.each(['http://127.0.0.1:3101', 'http://localhost:3101', 'http://[::1]:3101', 'https://exact-twin.example'])(
    'accept %s for tests',
    (url) => expect(problems(exactSettings, { EXACT_ENVIRONMENT: 'qa', EXACT_API_URL: url })).toEqual([]),
  );
});

describe('settings of outgoing calls', () => {
  it('refuse a longest pause below the shortest', () => {
    expect(problems(outgoingHttpSettings, { BACKOFF_MIN_MS: '10', BACKOFF_MAX_MS: '9' })).toEqual([
      'BACKOFF_MAX_MS must not be less than BACKOFF_MIN_MS',
    ]);
  });

  it('refuse a host list with an entry that is no host', () => {
    const [problem] = problems(provetHostSettings, { PROVET_ALLOWED_HOSTS: 'a.example,https://b.example' });
    expect(problem).toMatch(/^PROVET_ALLOWED_HOSTS has an entry that is no host: "https:/);
  });
});
