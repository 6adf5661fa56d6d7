import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from '../../local/services.ts';
import type { Disabling, Shown } from './trap.ts';

interface Report {
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly failureMessages: readonly string[] }[];
  }[];
}

/** Runs a trap's test over a source without its handling. Null when it did not fail: then it covers nothing. */
export async function proveDisabling(disabling: Disabling): Promise<Shown[string] | null> {
  const folder = mkdtempSync(join(tmpdir(), 'traps-'));
  const outputFile = join(folder, 'report.json');
  try {
    await vitest(disabling, outputFile);
    const report = JSON.parse(readFileSync(outputFile, 'utf8')) as Report;
    // A file that cannot be loaded at all has no failed test: that shows nothing.
    if (report.numFailedTests === 0) return null;
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    );
    return { failed: report.numFailedTests, saw: firstLine(failed[0]?.failureMessages[0] ?? '') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function vitest({ file, find, replace, fails }: Disabling, outputFile: string): Promise<unknown> {
  const program = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const config = join(ROOT, 'tools', 'check', 'traps', 'disabled.vitest-config.ts');
  const project = fails.file.endsWith('.int-spec.ts') ? 'integration' : 'unit';
  const child = spawn(
    process.execPath,
    [
      program,
      'run',
      '--root',
      ROOT,
      '--config',
      config,
      '--project',
      project,
      '--reporter',
      'json',
      '--outputFile',
      outputFile,
      '-t',
      patternOf(fails.name),
      fails.file,
    ],
    { cwd: ROOT, env: { ...process.env, TRAP_DISABLED: JSON.stringify({ file, find, replace }) }, stdio: 'ignore' },
  );
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}

/** A title as vitest filters by it: what a table fills in may be anything. */
function patternOf(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/%[sijdo]/g, '.*');
}

/** The first line of a failure, without colours and without anything that differs from machine to machine. */
export function firstLine(message: string): string {
  const [line = ''] = stripVTControlCharacters(message).split('\n');
  return line
    .replaceAll(ROOT, '')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:…')

    .slice(0, 140)
    .trim();
}
