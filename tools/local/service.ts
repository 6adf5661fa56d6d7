import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { SERVICES, builtFile } from './services.ts';
import { watchParent } from './processes/parent-watch.ts';
import { StopWithMessage, runCommand } from './stop-with-message.ts';

/** `npm run service -- NAME`: one built service in this very process, so that its process id and its signals are its own. */
await runCommand(async () => {
  const name = process.argv[2] ?? '';
  if (!SERVICES.some((service) => service.name === name)) {
    const names = SERVICES.map((service) => service.name).join(', ');
    throw new StopWithMessage('no-such-service', `Usage: npm run service -- NAME, where NAME is one of ${names}.`);
  }
  const main = builtFile(name, 'main.js');
  // npm leaves without passing SIGTERM on; the service then gets the signal that it would have got.
  watchParent(() => process.kill(process.pid, 'SIGTERM'));
  const first = process.env['RELAY_IMPORT'];
  if (first) await import(pathToFileURL(resolve(first)).href);
  await import(main);
  // The service runs on and sets its own exit code when it ends.
  return Number(process.exitCode ?? 0);
});
