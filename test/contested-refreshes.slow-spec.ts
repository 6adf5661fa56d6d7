import { fileScope, until } from '@relay/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { ContestedWorld } from '../apps/token-broker/src/test-support/contested-world.js';
import { checkNoGrantIsLost, checkNoLoop } from '../apps/token-broker/src/test-support/grant-checks.js';

const scope = fileScope();
const PROCESSES = 8;
const CONSENTS = 60;
const REFRESHES = 3000;
const PAUSES = 10;
const KILLS = 10;
const PAUSE_MS = 10_000;
const INTERLEAVINGS = 100_000;
const seed = Number(process.env['TEST_SEED'] ?? 1);
let world: ContestedWorld;

/** Small and seeded, so that a failing run can be repeated: mulberry32. */
function randomOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

it(`loses no consent in ${INTERLEAVINGS} orders of steps, and never asks in a loop`, () => {
  checkNoGrantIsLost(INTERLEAVINGS, true);
  checkNoLoop(INTERLEAVINGS);
});

beforeAll(async () => {
  world = await ContestedWorld.start(scope, 16);
  for (let i = 0; i < PROCESSES; i++) await world.startBroker();
  await Promise.all(Array.from({ length: CONSENTS }, () => world.join(8)));
});

it(`loses none over ${REFRESHES} refreshes by ${PROCESSES} processes, ${PAUSES} pauses and ${KILLS} kills (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const pick = () => world.brokers[Math.floor(random() * world.brokers.length)];
  for (let i = 0; i < Math.max(PAUSES, KILLS); i++) {
    const paused = pick();
    if (i < PAUSES && paused !== undefined) await world.pause(paused, PAUSE_MS);
    await sleep(random() * 3000);
    const killed = pick();
    if (i < KILLS && killed !== undefined) await world.kill(killed);
    await sleep(random() * 3000);
  }
  await until('so many refreshes', () => world.vendor.rotations >= REFRESHES, { timeoutMs: 900_000, everyMs: 1000 });
  // What a killed process had announced is repeated only after a while.
  const settled = async () => (await world.unstored()) === 0 && (await world.lost()).length === 0;
  await until('everything is stored', settled, { timeoutMs: world.patienceMs + 30_000 }).catch(() => undefined);
  const lost = await world.lost();
  const sent = [...world.vendor.consents.values()].flatMap((consent) => [...consent.sent.values()]);
  console.log(
    `${world.vendor.rotations} refreshes, ${PAUSES} pauses, ${KILLS} kills: lost ${lost.length}, ` +
      `double spends ${world.vendor.doubleSpends}, refresh tokens sent twice ${sent.filter((n) => n > 1).length}`,
  );
  expect(lost).toEqual([]);
  expect(world.vendor.doubleSpends).toBe(0);
});
