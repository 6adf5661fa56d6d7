import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../local/services.ts';
import type { Shown } from './trap.ts';

export const TRAPS_JSON = 'docs/results/traps.json';
export const TRAPS_PAGE = 'docs/results/traps.md';

/** What `npm run traps` has seen so far. */
export function readShown(): Shown {
  try {
    return JSON.parse(readFileSync(join(ROOT, TRAPS_JSON), 'utf8')) as Shown;
  } catch {
    return {};
  }
}
