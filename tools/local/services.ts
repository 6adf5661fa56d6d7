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
