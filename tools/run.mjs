// One door for every npm script: checks the Node version, then runs tools/<name>.ts, which Node 24 reads without a build.
import './local/require-node.mjs';

const [name, ...args] = process.argv.slice(2);
process.argv.splice(2, process.argv.length - 2, ...args);
await import(new URL(`./${name}.ts`, import.meta.url).href);
