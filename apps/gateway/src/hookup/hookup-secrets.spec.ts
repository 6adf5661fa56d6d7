import { expect, it } from 'vitest';
import { HookupSecrets } from './hookup-secrets.js';

it('knows each of its secrets whole, and nothing else', () => {
  const secrets = new HookupSecrets(['a'.repeat(32), 'b'.repeat(40)]);
  expect(secrets.entryOf('a'.repeat(32))).toBe(1);
  expect(secrets.entryOf('b'.repeat(40))).toBe(2);
  for (const other of ['', 'a'.repeat(31), 'a'.repeat(33), 'b'.repeat(32), `${'a'.repeat(32)},${'b'.repeat(40)}`]) {
    expect(secrets.entryOf(other)).toBeNull();
  }
});
