// Runs on whatever Node the system has, so it stays plain JavaScript of 2020.
// The project's own Node 24 comes with its `node` dev dependency and goes first on PATH in every npm script;
// when its install script was denied, everything would silently run on the system's Node instead.
const required = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < required) {
  console.error(
    `Practice Relay needs Node ${required}, but this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Node comes with the project: run `npm ci` again with install scripts allowed (`npm config get ignore-scripts` must say false),\n' +
      'and start through npm (`npm start`, `npm run …`), which puts it on PATH.',
  );
  process.exit(1);
}
