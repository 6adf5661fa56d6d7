import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const TEST_FILE = /`([\w./-]+\.(?:spec|int-spec|e2e-spec|slow-spec)\.ts)`/g;
const rows = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && line.includes('spec.ts`'));
const cellsOf = (row: string) => row.split('|').map((cell) => cell.trim());

/** Threats that the table must answer; a new kind of input or secret adds one. */
const THREATS = [
  'Forged hookup',
  'SSRF',
  'DNS rebinding',
  'Redirect',
  'Tenant spoofing',
  'state',
  'invite',
  'Stolen webhook URL',
  'Hostile `next`',
  'Moved sealed value',
  'Key confusion',
  'QA token at production',
  'Secrets in logs',
  'Cross-tenant read',
  'Foreign writer on a topic',
];

describe('the table of threats in SECURITY.md', () => {
  it('names tests that exist', () => {
    const named = rows.flatMap((row) => [...row.matchAll(TEST_FILE)].map((match) => match[1] as string));
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it.each(THREATS)('answers: %s', (threat) => {
    const row = rows.find((line) => cellsOf(line)[1]?.toLowerCase().includes(threat.toLowerCase()));
    expect(row, `no row of the table is about "${threat}"`).toBeDefined();
    const [, , defence, tests] = cellsOf(row ?? '');
    expect(defence?.length).toBeGreaterThan(20);
    expect(tests).toMatch(/`[\w./-]+spec\.ts`/);
  });
});
