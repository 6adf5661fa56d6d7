import { ConfigError, readConfig } from '@relay/service-kit';
import { generateSealingKeyPair } from '@relay/sealing';
import { describe, expect, it } from 'vitest';
import { crossChecks, settings } from './config.js';

const { privateJwks } = generateSealingKeyPair();
const base = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  DATABASE_URL: 'postgres://u:p@127.0.0.1/relay',
  EXACT_TOKEN_PRIVATE_JWKS: privateJwks,
  EXACT_ENVIRONMENT: 'qa',
};
const read = (env: Record<string, string | undefined>) =>
  readConfig(settings, { env: { ...base, ...env }, crossChecks });

function problems(env: Record<string, string | undefined>): string {
  try {
    read(env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
}

describe('settings of exact-sync', () => {
  it('has the defaults of the contract', () => {
    expect(read({})).toMatchObject({
      exactApiUrl: 'https://qa-api.ex.softwareofexcellence.com',
      exactResources: ['practice', 'practitioner', 'appointment', 'patient'],
      subscriptionSeconds: 300,
      pollSeconds: 60,
      nearDays: 3,
      farSeconds: 3600,
      windowPastDays: 30,
      windowFutureDays: 365,
      sweepSeconds: 21_600,
      historyDays: 0,
      callsPerPracticeHour: 600,
      maxRequestsPerSecond: 20,
      practiceConcurrency: 2,
      continuationHeader: 'x-continuation-token',
      continuationMember: 'continuationToken',
    });
  });

  it('needs no keys while EXACT is off', () => {
    const without = { EXACT_TOKEN_PRIVATE_JWKS: undefined };
    expect(problems({ ...without, EXACT_ENVIRONMENT: '' })).toBe('');
    expect(problems(without)).toMatch(/EXACT_TOKEN_PRIVATE_JWKS/);
  });

  it('names what is wrong, all at once', () => {
    const found = problems({ EXACT_POLL_SECONDS: '0', EXACT_ENVIRONMENT: 'test', EXACT_API_URL: 'http://example.com' });
    expect(found).toMatch(/EXACT_POLL_SECONDS/);
    expect(found).toMatch(/EXACT_ENVIRONMENT/);
    expect(found).toMatch(/EXACT_API_URL/);
  });
});
