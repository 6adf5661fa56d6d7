import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimDataFolder } from './data-folder.ts';
import { ROOT } from './services.ts';

/** Holds the folder until its input ends. */
const HOLDER = `
  const { claimDataFolder } = await import(${JSON.stringify(pathToFileURL(join(ROOT, 'tools/local/data-folder.ts')).href)});
  await claimDataFolder(process.argv[1], () => process.argv[2] === 'leaving');
  process.stdin.resume().once('end', () => process.exit());
  process.stdout.write('held');
`;

let folder = '';
let holder: ChildProcess | null = null;

async function held(how: 'staying' | 'leaving'): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder, how]);
  holder = child;
  await once(child.stdout, 'data');
  return child;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-folder-'));
});

afterEach(() => {
  holder?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

describe('a data folder that somebody holds', () => {
  it('is waited for while its holder is about to end, which is said once', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const child = await held('leaving');
    const claim = claimDataFolder(folder).then(() => child.exitCode ?? child.signalCode);
    await vi.waitFor(() => expect(said).toHaveBeenCalled());
    child.stdin?.end();
    await once(child, 'exit');
    expect(await claim).not.toBeNull();
    const lines = said.mock.calls.map(([line]) => String(line));
    said.mockRestore();
    expect(lines).toEqual([expect.stringContaining(`Waiting for an earlier start (process ${child.pid})`)]);
  });

  it('is refused at once while its holder stays', async () => {
    const child = await held('staying');
    await expect(claimDataFolder(folder)).rejects.toThrow(`is in use by another`);
    await expect(claimDataFolder(folder)).rejects.toThrow(`(process ${child.pid})`);
  });
});
