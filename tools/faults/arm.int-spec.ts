import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const ARM = join(import.meta.dirname, 'arm.mjs');
const program = (body: string) => [
  '--import',
  ARM,
  '--input-type=module',
  '-e',
  `const faultPoint = (name) => globalThis[Symbol.for('practice-relay.fault-point')]?.(name);\n${body}`,
];

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

async function run(faults: string, body: string): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = execFile(process.execPath, program(body), { env: { FAULT_POINTS: faults } }, (_error, out, err) => {
    resolve({ code: child.exitCode, signal: child.signalCode, out, err });
  });
  return promise;
}

const THREE = `for (let i = 1; i <= 3; i++) { await faultPoint('sync:after-send'); console.log('passed', i); }`;

describe('an armed process', () => {
  it('passes points that are not named', async () => {
    expect(await run('sync:other:kill', THREE)).toMatchObject({
      code: 0,
      out: 'passed 1\npassed 2\npassed 3\n',
      err: '',
    });
  });

  it('is killed on the given arrival', async () => {
    const ended = await run('sync:after-send:kill:2', THREE);
    expect(ended).toMatchObject({ signal: 'SIGKILL', out: 'passed 1\n', err: 'fault point sync:after-send: kill\n' });
  });

  it('throws an error that may be retried', async () => {
    const ended = await run(
      'a:throw:1',
      `try { await faultPoint('a'); } catch (e) { console.log(e.code, e.retryable); } await faultPoint('a');`,
    );
    expect(ended).toMatchObject({ code: 0, out: 'fault-point true\n' });
  });

  it('waits as long as it is told', async () => {
    const ended = await run(
      'a:delay=120',
      `const t = performance.now(); await faultPoint('a'); console.log(performance.now() - t >= 115);`,
    );
    expect(ended.out).toBe('true\n');
  });

  it('stands still until it is continued', async () => {
    const child = spawn(process.execPath, program(THREE), { env: { FAULT_POINTS: 'sync:after-send:stop:2' } });
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await once(child.stderr, 'data');
    expect(out).not.toContain('passed 2');
    // Continued again and again: the stop may come a moment after its line.
    const timer = setInterval(() => child.kill('SIGCONT'), 50);
    await once(child, 'close');
    clearInterval(timer);
    expect(out).toContain('passed 3');
  });

  it('does not start with an entry that it cannot read', async () => {
    const ended = await run('a:explode', THREE);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('"a:explode" is not name:action[:n]');
  });
});
