import { expect, it } from 'vitest';
import { NoticeHorizon } from './notice-horizon.js';

function horizon(position: bigint) {
  const clock = { now: 1_000_000 };
  const end = { value: 10n as bigint | null, asked: 0 };
  const group = { position };
  const made = new NoticeHorizon(
    position,
    () => {
      end.asked += 1;
      return Promise.resolve(end.value);
    },
    () => Promise.resolve(group.position),
    () => clock.now,
  );
  return { made, clock, end, group };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it('knows nothing before an end that was asked for has been consumed', async () => {
  const { made, clock } = horizon(5n);
  made.ask(clock.now - 1);
  await settled();
  expect(made.consumedAsOf).toBeNull();
  made.consumed(9n);
  expect(made.consumedAsOf).toBeNull();
  made.consumed(10n);
  expect(made.consumedAsOf).toBe(1_000_000);
});

it('is satisfied at once when everything has been consumed already', async () => {
  const { made, clock } = horizon(10n);
  made.ask(clock.now - 1);
  await settled();
  expect(made.consumedAsOf).toBe(1_000_000);
});

it('does not wait for what the group has taken and a restored store has forgotten', async () => {
  const { made, clock, group } = horizon(5n);
  group.position = 10n;
  made.ask(clock.now - 1);
  await settled();
  expect(made.consumedAsOf).toBe(1_000_000);
});

it('asks neither too early nor too often', async () => {
  const { made, clock, end } = horizon(0n);
  made.ask(clock.now + 1);
  expect(end.asked).toBe(0);
  made.ask(clock.now - 1);
  await settled();
  made.ask(clock.now - 1);
  clock.now += 1_000;
  // The one that is out was asked for late enough.
  made.ask(999_000);
  expect(end.asked).toBe(1);
  made.ask(1_000_500);
  await settled();
  expect(end.asked).toBe(2);
});

it('asks again when Kafka did not answer', async () => {
  const { made, clock, end } = horizon(10n);
  end.value = null;
  made.ask(clock.now - 1);
  await settled();
  end.value = 10n;
  clock.now += 1_000;
  made.ask(clock.now - 1);
  await settled();
  expect(made.consumedAsOf).toBe(1_001_000);
});
