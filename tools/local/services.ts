import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StopWithMessage } from './stop-with-message.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The services of docs/CONTRACT.md §1 in the order in which `npm start` lists them, with their usual ports (§2). */
export const SERVICES = [
  { name: 'gateway', port: 3000, managementPort: 4000 },
  { name: 'tenant-registry', port: 3001, managementPort: 4001 },
  { name: 'token-broker', port: 3002, managementPort: 4002 },
  { name: 'provet-sync', port: null, managementPort: 4003 },
  { name: 'exact-sync', port: null, managementPort: 4004 },
  { name: 'console', port: 3005, managementPort: 4005 },
] as const;

/**
 * What V8 is told for a service, before the script. A service lives for months with a heap that hardly changes; V8's own measure
 * is made for programs that are soon done: it lets the young generation grow to 128 MiB and the old one to several times what
 * is alive in it before it looks. `package.json` and the Dockerfile say the same.
 */
export const V8_OPTIONS: readonly string[] = ['--max-semi-space-size=32', '--heap-growing-percent=60'];

export type LocalService = (typeof SERVICES)[number];

/** The built file of an app, as a URL to import; a message when it is not there. */
export function builtFile(app: string, file: string): string {
  const path = join(ROOT, 'dist', 'apps', app, 'src', file);
  if (existsSync(path)) return pathToFileURL(path).href;
  throw new StopWithMessage('not-built', `${app} is not built (${path} is missing): run \`npm run build\` first.`);
}

export function isBuilt(app: string): boolean {
  return existsSync(join(ROOT, 'dist', 'apps', app, 'src', 'main.js'));
}
