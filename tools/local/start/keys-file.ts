import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivately } from '../data-folder.ts';
import { freshKeyring, parseKeyring, renderKeyring } from '../keyring.ts';

/** The development secrets of a data folder: made once, then kept, readable for the owner only. */
export function keysOf(folder: string): Record<string, string> {
  const file = join(folder, 'keys.env');
  const known = existsSync(file) ? parseKeyring(readFileSync(file, 'utf8')) : {};
  // A later version may need one more secret; what is there stays.
  const keyring = { ...freshKeyring(), ...known };
  const complete = Object.keys(keyring).every((name) => name in known);
  if (complete) chmodSync(file, 0o600);
  else writePrivately(file, renderKeyring(keyring));
  return keyring;
}
