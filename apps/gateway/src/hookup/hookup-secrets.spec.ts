import { expect, it } from 'vitest';
import { HookupSecrets } from './hookup-secrets.js';

it('knows each of its secrets whole, and nothing else', () => {
  const secrets = new HookupSecrets(['a'.repeat(32), 'b'.repeat(40)]);
  expect(secrets.isKnown('a'.repeat(32))).toBe(true);
  expect(secrets.isKnown('b'.repeat(40))).toBe(true);
  for (const other of ['', 'a'.repeat(31), 'a'.repeat(33), 'b'.repeat(32), `${'a'.repeat(32)},${'b'.repeat(40)}`]) {
    expect(secrets.isKnown(other)).toBe(false);
  }
});
