import { defineConfig, type Plugin, type UserWorkspaceConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/** What `npm run traps` hands over: one replacement in one source file. */
const { file, find, replace } = JSON.parse(process.env['TRAP_DISABLED'] ?? '{}') as Record<string, string>;
if (file === undefined || find === undefined || replace === undefined)
  throw new Error('TRAP_DISABLED names no handling');

/** The tests as ever, over a source in which one handling is missing. The working tree is not touched. */
const disabling: Plugin = {
  name: 'disabled-handling',
  enforce: 'pre',
  transform(code, id) {
    if (!id.split('?', 1)[0]?.endsWith(`/${file}`)) return undefined;
    if (!code.includes(find)) throw new Error(`${file} does not hold ${find}`);
    return { code: code.replace(find, () => replace), map: null };
  },
};

const projects = (base.test?.projects ?? []) as UserWorkspaceConfig[];
export default defineConfig({
  ...base,
  // Cached modules are found by what the file holds, not by what was taken out of it.
  test: {
    ...base.test,
    fsModuleCache: false,
    projects: projects.map((project) => ({ ...project, plugins: [disabling] })),
  },
});
