import { EXACT_BASE_SCOPES, exactScopeText, type CredentialValue, type TokenValue } from '@relay/contracts';
import { controlMessage } from '@relay/kafka';
import { fileScope, keyring, serveTwin, until } from '@relay/testing';
import { EXACT_SCOPES, ExactTwin } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';

const CREDENTIAL = 'exact:qa/relay';
const BASE = exactScopeText(EXACT_BASE_SCOPES);
const setOf = (...scopes: string[]) => exactScopeText([...EXACT_BASE_SCOPES, ...scopes]);
const PATIENT = setOf('patient.list', 'patient.get');
const APPOINTMENT = setOf('appointment.list', 'appointment.get');
const PRACTITIONER = setOf('practitioner.list', 'practitioner.get');
const TOKEN_PATH = '/oauth/token';

const scope = fileScope();
const keys = keyring();
const twin = new ExactTwin({ seed: 'exact-scopes', origin: 'http://127.0.0.1:1', clock: Date.now });
const nobody = { host: '127.0.0.1:9', clients: new Map<string, { secret: string; expiresIn: number }>() };
let broker: RunningBroker;

const grant = (scopes: readonly string[]) => twin.addClient({ id: 'relay', secret: 'planted-exact-secret', scopes });
const without = (...missing: string[]) => EXACT_SCOPES.filter((one) => !missing.includes(one));
const credential = (): CredentialValue | undefined => broker.topics.lastCredential(CREDENTIAL);
const token = (set: string): TokenValue | null | undefined => broker.topics.tokens.get(`${CREDENTIAL}#${set}`)?.at(-1);
/** Token requests so far. */
const asked = () => twin.requests.count(/POST \/oauth\/token/);
/** As a person does who restarts the broker, or as the clock does once a day. */
const probeNow = () => broker.sql.query('update exact_scopes set probe_at = 0, due_at = 0');
const kick = () =>
  // Any command makes the worker look at once.
  broker.topics.kafka.producer('control').send(
    controlMessage(broker.topics.kafka.partitions, 'token-command.v1', 'exact:qa', 'exact:qa', {
      credentialId: CREDENTIAL,
      scopes: 'none',
      command: 'invalidated',
      version: 1,
      at: new Date().toISOString(),
    }),
  );

beforeAll(async () => {
  // Not where such servers usually have it: it can only be found in the discovery document.
  twin.tokens.path = TOKEN_PATH;
  grant(without('patient.get'));
  const origin = await serveTwin(scope, twin);
  broker = await startBroker(scope, nobody, keys, {
    EXACT_ENVIRONMENT: 'qa',
    EXACT_API_URL: origin,
    EXACT_AUTHORITY_URL: origin,
    EXACT_CLIENT_ID: 'relay',
    EXACT_CLIENT_SECRET: 'planted-exact-secret',
  });
});

describe('the scopes of the EXACT client', () => {
  it('are found out although one that is not granted fails the whole request, and the missing one is named', async () => {
    const known = await until('its capabilities', () => {
      const value = credential();
      return value?.capabilities ? value : null;
    });
    expect(known).toMatchObject({ health: 'proven', inForce: true });
    expect(known.capabilities?.missing).toEqual(['patient.get']);
    expect(known.capabilities?.granted).toEqual(
      [
        'appointment.get',
        'appointment.list',
        'patient.list',
        ...EXACT_BASE_SCOPES,
        'practitioner.get',
        'practitioner.list',
      ].sort(),
    );
  });

  it('each have a token of the sets that follow from them, and no other', () => {
    for (const set of [BASE, APPOINTMENT, PRACTITIONER]) expect(token(set), set).toMatchObject({ scopes: set });
    expect([...broker.topics.tokens.keys()].sort()).toEqual(
      [BASE, APPOINTMENT, PRACTITIONER].map((set) => `${CREDENTIAL}#${set}`).sort(),
    );
    // 8 scopes: at most 15 requests to find one that is missing, and a token for the proof and each of two more sets.
    expect(asked()).toBeLessThanOrEqual(15 + 3);
  });

  it('are not asked about again before the next day', async () => {
    const before = asked();
    await kick();
    await broker.topics.settled('exact:qa');
    const { rows } = await broker.sql.query('select due_at from exact_scopes');
    expect(Number((rows as { due_at: string }[])[0]?.due_at)).toBeGreaterThan(Date.now() + 20 * 3_600_000);
    expect(asked()).toBe(before);
  });

  it('that are granted later bring the token of their set first, and are said then', async () => {
    grant(EXACT_SCOPES);
    const before = asked();
    await probeNow();
    await kick();
    const value = await until('nothing is missing', () =>
      credential()?.capabilities?.missing.length === 0 ? credential() : null,
    );
    expect(token(PATIENT)?.version).toBeLessThanOrEqual(value?.version ?? 0);
    // The granted ones together, the missing one, and the new set's token.
    expect(asked() - before).toBe(3);
  });

  it('that are taken away end the token of their set at its renewal, and that alone', async () => {
    grant(without('appointment.list', 'appointment.update'));
    const kept = token(PATIENT)?.version;
    await broker.sql.query('update token set renew_at = 0, due_at = 0 where scopes = $1', [APPOINTMENT]);
    await kick();
    await until('the tombstone', () => token(APPOINTMENT) === null);
    await until('it is named', () => credential()?.capabilities?.missing.join() === 'appointment.list');
    expect(credential()).toMatchObject({ health: 'proven', inForce: true });
    expect(token(PATIENT)?.version).toBe(kept);
  });

  it('are not looked for in a loop, however often the broker is started', async () => {
    await broker.sql.query('update exact_scopes set probes = $1', [
      JSON.stringify(Array.from({ length: 10 }, (_, i) => Date.now() - (10 - i) * 60_000)),
    ]);
    const before = asked();
    await probeNow();
    await kick();
    const due = await until('it is put off', async () => {
      const { rows } = await broker.sql.query('select due_at from exact_scopes');
      const at = Number((rows as { due_at: string }[])[0]?.due_at);
      return at > Date.now() ? at : null;
    });
    expect(due).toBeGreaterThan(Date.now() + 40 * 60_000);
    expect(asked()).toBe(before);
  });

  it('that nothing works without are named when they are missing, and the client is not in force', async () => {
    grant(without('practice.get'));
    await broker.sql.query('update token set renew_at = 0, due_at = 0 where scopes = $1', [BASE]);
    await broker.sql.query(`update exact_scopes set probes = '[]'`);
    await kick();
    const value = await until('it is rejected', () => (credential()?.health === 'rejected' ? credential() : null));
    expect(value?.code).toBe('invalid_scope');
    await until('it is named', () => credential()?.capabilities?.missing.includes('practice.get'));
    await broker.sql.query('update candidate set due_at = 0');
    grant(EXACT_SCOPES);
    await kick();
    await until(
      'all is well',
      () => credential()?.health === 'proven' && credential()?.capabilities?.missing.length === 0,
    );
    await until('every set has a token', () => Boolean(token(APPOINTMENT)));
  });

  it('leave no secret and no token in the database or the log', async () => {
    const { rows } = await broker.sql.query('select s::text as line from exact_scopes s');
    expect(JSON.stringify(rows)).not.toContain('planted');
    expect(broker.logLines.join('')).not.toContain('planted');
  });
});
