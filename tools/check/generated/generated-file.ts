import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A file that is made from the code and committed. Paths are relative to the repository's root. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** What is not as generated: missing, different, or left over in a folder that holds generated files only. */
export function differences(root: string, files: readonly GeneratedFile[], wholeFolders: readonly string[]): string[] {
  const found: string[] = [];
  for (const { path, text } of files) {
    const present = readIfThere(join(root, path));
    if (present === null) found.push(`${path} is missing`);
    else if (present !== text) found.push(`${path} is not up to date`);
  }
  const known = new Set(files.map((file) => file.path));
  for (const folder of wholeFolders) {
    for (const name of namesIn(join(root, folder))) {
      const path = `${folder}/${name}`;
      if (!known.has(path)) found.push(`${path} is not generated any more`);
    }
  }
  return found;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
