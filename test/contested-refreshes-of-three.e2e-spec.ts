import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ContestedWorld } from '../apps/token-broker/src/test-support/contested-world.js';

const scope = fileScope();
const CONSENTS = 40;
const REFRESHES = 200;

describe('refresh tokens that are good for one use, refreshed by three processes', () => {
  let world: ContestedWorld;

  beforeAll(async () => {
    world = await ContestedWorld.start(scope, 12);
    await Promise.all([world.startBroker(), world.startBroker(), world.startBroker()]);
    await Promise.all(Array.from({ length: CONSENTS }, () => world.join(3)));
  });

  it(`loses none over ${REFRESHES} refreshes, with one process paused past the hand-over`, async () => {
    const [first] = world.brokers;
    if (first === undefined) throw new Error('no broker');
    await until('refreshes run', () => world.vendor.rotations > CONSENTS / 2, { timeoutMs: 60_000 });
    const before = world.vendor.rotations;
    await world.pausePastHandOver(first);
    expect(world.vendor.rotations, 'the others went on').toBeGreaterThan(before);
    await until('so many refreshes', () => world.vendor.rotations >= REFRESHES, { timeoutMs: 90_000 });
    expect((await world.atRest()).filter(({ ending }) => ending !== 'good')).toEqual([]);
    expect(world.vendor.doubleSpends).toBe(0);
    console.log(
      `${world.vendor.rotations} refreshes of ${CONSENTS} consents, double spends ${world.vendor.doubleSpends}`,
    );
    for (const broker of world.brokers) await broker.stop();
  });
});

describe('a process that wakes with the answer in its hands', () => {
  it('stores it, and the one that is about to repeat the spend does not', async () => {
    const world = await ContestedWorld.start(scope, 4, { attemptMs: 1000 });
    const paused = await world.startBroker('token-broker:after-spend:stop:1');
    const client = await world.join(36_000);
    const { version } = await world.topics.proven(client, 30_000);
    await world.topics.invalidate(client, version);
    const hasStopped = () => paused.log().includes('token-broker:after-spend: stop');
    await until('it has stopped itself', hasStopped, { timeoutMs: 30_000 });
    expect(await world.unstored()).toBe(1);
    // The other one has decided to repeat, and stands still right before it says so.
    const next = await world.startBroker('token-broker:before-intent:stop:1');
    const isAboutTo = () => next.log().includes('token-broker:before-intent: stop');
    await until('the other one is about to repeat', isAboutTo, { timeoutMs: world.patienceMs + 30_000 });
    paused.signal('SIGCONT');
    await until('the answer is stored', async () => (await world.unstored()) === 0, { timeoutMs: 30_000 });
    next.signal('SIGCONT');
    const sent = () => world.vendor.consents.get(client.clientId)?.sent.get(1);
    // By the comparison, or because the one that woke has taken the shard back.
    const isCalledOff = () => /consent-has-changed|work dropped/.test(next.log());
    await until('the repeat is called off, or made', () => isCalledOff() || sent() !== 1, { timeoutMs: 60_000 });
    expect(sent(), 'how often the first refresh token was sent').toBe(1);
    const second = () => world.topics.tokensOf(client)[1];
    const token = await until('the token is handed out', second, { timeoutMs: 60_000 });
    expect(await world.topics.openToken(client, token)).toBe(`access-${client.clientId}-2`);
    expect(world.vendor.doubleSpends).toBe(0);
    expect((await world.atRest()).map(({ ending }) => ending)).toEqual(['good']);
  });
});
