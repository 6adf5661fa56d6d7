import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const FOLDER = path.join('apps', 'console', 'public');

/**
 * The page's files by their address, read once at start: nothing outside that folder can ever be asked for. The compiled
 * service lies below the project's root as its sources do, so the folder is found by walking up from here.
 */
export function readPageFiles(from: string = import.meta.dirname): ReadonlyMap<string, PageFile> {
  const folder = findFolder(from);
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[path.extname(name)];
    if (type !== undefined) files.set(`/${name}`, { type, bytes: readFileSync(path.join(folder, name)) });
  }
  const index = files.get('/index.html');
  if (index === undefined) throw new PageMissing();
  return files.set('/', index);
}

/** The page's files are not where they belong: a defect of the installation, found at start. */
export class PageMissing extends Error {
  readonly code = 'page-missing';
  readonly retryable = false;

  constructor() {
    super(`the page's files are missing: ${FOLDER} must lie in the project's root`);
    this.name = 'PageMissing';
  }
}

function findFolder(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, FOLDER);
    if (existsSync(path.join(found, 'index.html'))) return found;
    if (folder === path.dirname(folder)) throw new PageMissing();
  }
}
