import { builtFile } from './services.ts';
import { runCommand, StopWithMessage } from './stop-with-message.ts';
import { valueOf } from './surroundings.ts';

type Built = typeof import('../../apps/exact-sync/src/requirements/requirements.js');

/** `npm run exact:requirements [-- --json]`: what to ask EXACT's vendor for, by the relay's own settings. */
await runCommand(async () => {
  const args = process.argv.slice(2);
  const unknown = args.filter((arg) => arg !== '--json');
  if (unknown.length > 0) throw new StopWithMessage('usage', `Unknown: ${unknown.join(' ')}. There is --json.`);
  const { env } = process;
  const resources = (valueOf(env, 'EXACT_RESOURCES') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const built = (await import(builtFile('exact-sync', 'requirements/requirements.js'))) as Built;
  const asked = built.requirements({ environment: valueOf(env, 'EXACT_ENVIRONMENT') ?? '', resources });
  process.stdout.write(
    args.includes('--json') ? `${JSON.stringify(asked, null, 2)}\n` : built.requirementsLetter(asked),
  );
  return 0;
});
