import { expect, it, onTestFinished } from 'vitest';
import { faultPoint } from './fault-point.js';

it('does nothing unless the hook is set, and then waits for it', async () => {
  expect(faultPoint('a:b')).toBeUndefined();
  const hook = Symbol.for('practice-relay.fault-point');
  const seen: string[] = [];
  Object.assign(globalThis, { [hook]: async (name: string) => void seen.push(name) });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, hook));
  await faultPoint('a:b');
  expect(seen).toEqual(['a:b']);
});
