import { describe, expect, it } from 'vitest';
import { freshKeyring } from '../keyring.ts';
import { SERVICES } from '../services.ts';
import {
  SECRETS,
  portsToOpen,
  provetHosts,
  serviceEnvironment,
  simulatorEnvironment,
  type StartPlan,
} from './environment.ts';

const keyring = freshKeyring();

function plan(env: NodeJS.ProcessEnv = {}): StartPlan {
  return { env, keyring, kafkaBrokers: '127.0.0.1:1', databaseUrl: 'postgres://u:p@127.0.0.1:2/relay' };
}

function environmentOf(name: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const service = SERVICES.find((each) => each.name === name);
  if (service === undefined) throw new Error(`no service ${name}`);
  return serviceEnvironment(plan(env), service);
}

describe('the environment of a service under npm start', () => {
  it.each(SERVICES)('$name: its ports, the servers, and only its own secrets', ({ name, port, managementPort }) => {
    const env = environmentOf(name);
    expect(env['PORT']).toBe(port === null ? undefined : String(port));
    expect(env['MANAGEMENT_PORT']).toBe(String(managementPort));
    expect(env['KAFKA_BROKERS']).toBe('127.0.0.1:1');
    const given = Object.keys(SECRETS).filter((secret) => env[secret] !== undefined);
    expect(given).toEqual(Object.keys(SECRETS).filter((secret) => SECRETS[secret]?.includes(name)));
  });

  it('can be moved to other ports, and everybody hears of it', () => {
    const moved = { GATEWAY_PORT: '7000', TENANT_REGISTRY_PORT: '7001', CONSOLE_MANAGEMENT_PORT: '7005' };
    expect(environmentOf('gateway', moved)).toMatchObject({ PORT: '7000', PUBLIC_URL: 'http://127.0.0.1:7000' });
    expect(environmentOf('console', moved)).toMatchObject({
      MANAGEMENT_PORT: '7005',
      TENANT_REGISTRY_URL: 'http://127.0.0.1:7001',
    });
    expect(simulatorEnvironment(plan(moved))['SIMULATOR_HOOKUP_URL']).toMatch(
      /^http:\/\/127\.0\.0\.1:7000\/hookup\/provet\//,
    );
  });

  it('tells other commands where Provet is', () => {
    expect(provetHosts(plan({ PROVET_SIMULATOR_PORT: '7100' }))).toEqual({
      provetAllowedHosts: '127.0.0.1:7100',
      provetAllowHttp: 'true',
    });
    expect(provetHosts(plan({ SIMULATOR: 'false' }))).toEqual({});
  });

  it("keeps the person's own settings and secrets", () => {
    const own = { PUBLIC_URL: 'https://relay.example', HOOKUP_SECRET: 'x'.repeat(40), LOG_FORMAT: 'pretty', PORT: '9' };
    expect(environmentOf('gateway', own)).toMatchObject({
      PUBLIC_URL: own.PUBLIC_URL,
      HOOKUP_SECRET: own.HOOKUP_SECRET,
      LOG_FORMAT: 'pretty',
      PORT: '3000',
    });
  });

  it('does not set a value beside one that comes from a file', () => {
    const env = environmentOf('gateway', { HOOKUP_SECRET_FILE: '/run/secret' });
    expect(env['HOOKUP_SECRET']).toBeUndefined();
    expect(env['HOOKUP_SECRET_FILE']).toBe('/run/secret');
    expect(environmentOf('console', { HOOKUP_SECRET_FILE: '/run/secret' })['HOOKUP_SECRET_FILE']).toBeUndefined();
  });

  it('points to the simulator unless it is left out', () => {
    expect(environmentOf('exact-sync')).toMatchObject({
      EXACT_ENVIRONMENT: 'qa',
      EXACT_API_URL: 'http://127.0.0.1:3101',
    });
    // Where tokens are asked for is found in the simulator's discovery document, whatever was set for the real vendor.
    const own = { EXACT_TOKEN_URL: 'https://auth.softwareofexcellence.com/connect/token' };
    const broker = environmentOf('token-broker', own);
    expect(broker['EXACT_AUTHORITY_URL']).toBe('http://127.0.0.1:3101');
    expect(broker['EXACT_TOKEN_URL']).toBeUndefined();
    expect(environmentOf('provet-sync')).toMatchObject({
      PROVET_ALLOW_HTTP: 'true',
      PROVET_ALLOWED_HOSTS: '127.0.0.1:3100',
    });
    const without = { SIMULATOR: 'false' };
    expect(environmentOf('exact-sync', without)['EXACT_ENVIRONMENT']).toBeUndefined();
    expect(environmentOf('provet-sync', without)['PROVET_ALLOW_HTTP']).toBeUndefined();
    expect(portsToOpen(without).map((port) => port.variable)).not.toContain('PROVET_SIMULATOR_PORT');
  });
});
