import { builtFile } from './services.ts';
import { watchParent } from './processes/parent-watch.ts';
import { runCommand } from './stop-with-message.ts';

/** `npm run simulator`: the vendor twins alone, in this process. */
await runCommand(async () => {
  watchParent(() => process.kill(process.pid, 'SIGTERM'));
  await import(builtFile('vendor-simulator', 'main.js'));
  return Number(process.exitCode ?? 0);
});
