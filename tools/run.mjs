// One door for every npm script: checks the Node version, then runs tools/<name>.ts, which Node 24 reads without a build.
import './local/require-node.mjs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiling what a service imports is half of its start: what one has compiled, the next finds. Without a place to write
// everything works as before.
module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

const [name, ...args] = process.argv.slice(2);
process.argv.splice(2, process.argv.length - 2, ...args);
await import(new URL(`./${name}.ts`, import.meta.url).href);
