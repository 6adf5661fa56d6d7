import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { differences } from './generated-file.ts';

const FILES = [
  { path: 'docs/schemas/a.v1.json', text: '{"a":1}\n' },
  { path: '.env.example', text: 'A=1\n' },
];

describe('generated files', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'generated-'));
    mkdirSync(join(root, 'docs/schemas'), { recursive: true });
    for (const { path, text } of FILES) writeFileSync(join(root, path), text);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('that are as generated are no difference', () => {
    expect(differences(root, FILES, ['docs/schemas'])).toEqual([]);
  });

  it('that were edited by hand are named', () => {
    writeFileSync(join(root, '.env.example'), 'A=2\n');
    expect(differences(root, FILES, ['docs/schemas'])).toEqual(['.env.example is not up to date']);
  });

  it('that are missing are named', () => {
    rmSync(join(root, 'docs/schemas/a.v1.json'));
    expect(differences(root, FILES, ['docs/schemas'])).toEqual(['docs/schemas/a.v1.json is missing']);
  });

  it('that nothing generates any more are named', () => {
    writeFileSync(join(root, 'docs/schemas/old.v1.json'), '{}');
    expect(differences(root, FILES, ['docs/schemas'])).toEqual(['docs/schemas/old.v1.json is not generated any more']);
  });
});
