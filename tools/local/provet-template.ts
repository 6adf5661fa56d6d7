import { builtFile } from './services.ts';
import { runCommand, StopWithMessage } from './stop-with-message.ts';
import { need, readSurroundings } from './surroundings.ts';

interface Built {
  readonly templateRequest: (facts: object) => object;
  readonly templateLetter: (request: object) => string;
}

const OPTIONS = ['--json', '--show-secret'];
const GRANTS = ['client_credentials', 'authorization_code'];
const HIDDEN = '********';

const list = (text = ''): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** `npm run provet:template [-- --json --show-secret]`: what to ask Provet's support for, by the relay's own settings. */
await runCommand(async () => {
  const args = process.argv.slice(2);
  const unknown = args.filter((arg) => !OPTIONS.includes(arg));
  if (unknown.length > 0) {
    throw new StopWithMessage('usage', `Unknown: ${unknown.join(' ')}. There are ${OPTIONS.join(' and ')}.`);
  }
  const { env } = process;
  const grant = env['PROVET_TEMPLATE_GRANT'] ?? 'client_credentials';
  if (!GRANTS.includes(grant)) {
    throw new StopWithMessage('usage', `PROVET_TEMPLATE_GRANT is ${grant}; it must be ${GRANTS.join(' or ')}.`);
  }
  const surroundings = readSurroundings();
  const publicUrl = need(surroundings.publicUrl, 'PUBLIC_URL').replace(/\/+$/, '');
  const [secret = ''] = need(surroundings.hookupSecret, 'HOOKUP_SECRET').split(',');
  const shown = args.includes('--show-secret') ? encodeURIComponent(secret.trim()) : HIDDEN;
  const built = (await import(builtFile('provet-sync', 'template/template-request.js'))) as Built;
  const request = built.templateRequest({
    name: env['PROVET_TEMPLATE_NAME'] ?? 'Practice Relay',
    description:
      env['PROVET_TEMPLATE_DESCRIPTION'] ?? 'Keeps another product in step with the records of the practice.',
    grant,
    markets: list(env['PROVET_TEMPLATE_MARKETS']),
    publicUrl,
    hookupUrl: `${publicUrl}/hookup/provet/${shown}`,
    resources: list(env['PROVET_RESOURCES']),
    makesHooks: (env['PROVET_WEBHOOKS'] ?? 'provision') === 'provision',
  });
  const isJson = args.includes('--json');
  process.stdout.write(isJson ? `${JSON.stringify(request, null, 2)}\n` : built.templateLetter(request));
  return 0;
});
