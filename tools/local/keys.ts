import { freshKeyring, renderKeyring } from './keyring.ts';
import { StopWithMessage, runCommand } from './stop-with-message.ts';

/** `npm run keys`: prints fresh secrets; keeping them is the caller's. `npm run keys -- status`: which ones are needed. */
const [command, ...args] = process.argv.slice(2);
await runCommand(async () => {
  if (command === undefined) {
    process.stdout.write(renderKeyring(freshKeyring()));
    return 0;
  }
  if (command !== 'status') throw new StopWithMessage('bad-command', 'Usage: npm run keys [-- status [--json]].');
  const { keysStatus } = await import('./keys/status.ts');
  return keysStatus(args);
});
