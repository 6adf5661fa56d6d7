import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../local/services.ts';

export interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** The program behind a package's command, so that it runs on this very Node. */
function bin(packageName: string, command: string = packageName): string {
  const folder = join(ROOT, 'node_modules', packageName);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const file = typeof bins === 'string' ? bins : bins[command];
  if (file === undefined) throw new Error(`${packageName} has no command ${command}`);
  return join(folder, file);
}

function node(program: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, program, ...args];
}

const CODE = ['apps', 'libs', 'tools', 'test'];

/** What `npm run check` looks at, in its order. */
export function checkSteps(): Step[] {
  const folders = CODE.filter((folder) => existsSync(join(ROOT, folder)));
  const lint = ['--type-aware', '--disable-nested-config', '-c', '.oxlintrc.json', '--deny-warnings'];
  return [
    { name: 'format', command: node(bin('prettier'), '--check', '.') },
    { name: 'lint', command: node(bin('oxlint'), ...lint, ...folders) },
    { name: 'types', command: node(bin('typescript', 'tsc'), '--noEmit', '-p', 'tsconfig.json') },
    {
      name: 'boundaries',
      command: node(bin('dependency-cruiser', 'depcruise'), '--config', '.dependency-cruiser.mjs', ...folders),
    },
    { name: 'unused code', command: node(bin('knip')) },
    { name: 'generated files', command: node(join(ROOT, 'tools', 'run.mjs'), 'check/generate', '--check') },
  ];
}

export interface StepResult {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

export function runStep({ command: [program, ...args] }: Step): Promise<StepResult> {
  const started = Date.now();
  // The linter's type-aware half and others look for helpers on PATH.
  const PATH = `${join(ROOT, 'node_modules', '.bin')}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => void child.kill();
  process.once('exit', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    const done = (ok: boolean) => {
      process.off('exit', end);
      resolve({ ok, output, seconds: (Date.now() - started) / 1000 });
    };
    child.once('error', (error) => {
      output += error.message;
      done(false);
    });
    child.once('close', (code) => done(code === 0));
  });
}
