import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const RECORDS = 1_000_000;
/** Memory at the end to memory at a fifth: what has been read must not be kept. */
const MOST_TIMES = 1.1;

/** The backfill bench at ten times its size, on the servers of the tests: it ends only once a consumer has read each record. */
it('reads a million records for the first time, in memory that does not grow', async () => {
  const run = ['tools/run.mjs', 'bench/run', 'backfill', `records=${RECORDS}`, 'details=1000'];
  const bench = spawn(process.execPath, run, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  bench.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    process.stdout.write(text);
  });
  const [code] = (await once(bench, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(said).toContain(`list form complete: ${RECORDS} records in`);
  const growth = /list form complete: memory, end to a fifth \| ([\d.]+)/.exec(said)?.[1];
  expect(Number(growth)).toBeLessThanOrEqual(MOST_TIMES);
});
