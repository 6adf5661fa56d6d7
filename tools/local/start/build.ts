import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT, SERVICES, isBuilt } from '../services.ts';
import { StopWithMessage } from '../stop-with-message.ts';

const BUILD_FILES = ['nest-cli.json', 'tsconfig.base.json', 'tsconfig.build.json', 'package-lock.json'];
const APPS = [...SERVICES.map((service) => service.name), 'vendor-simulator'];

/** True when something is not built, or a source is newer than the oldest entry file: every build writes them all. */
export function needsBuild(): boolean {
  if (!APPS.every(isBuilt)) return true;
  const built = Math.min(...APPS.map((app) => statSync(join(ROOT, 'dist', 'apps', app, 'src', 'main.js')).mtimeMs));
  const sources = ['apps', 'libs'].flatMap((folder) => sourceFiles(join(ROOT, folder)));
  return [...sources, ...BUILD_FILES.map((file) => join(ROOT, file))].some((file) => statSync(file).mtimeMs > built);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Compiles everything; what the compiler says is shown only when it fails. */
export function build(): Promise<void> {
  const nest = createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
  const child = spawn(process.execPath, [nest, 'build'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => void child.kill();
  process.once('exit', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', end);
      if (code === 0) resolve();
      else reject(new StopWithMessage('build-failed', `The build failed:\n${output}`));
    });
  });
}
