import { need, readSurroundings } from './surroundings.ts';
import { runCommand } from './stop-with-message.ts';

/** `npm run hookup-url`: the URL to hand to Provet. */
await runCommand(async () => {
  const { publicUrl, hookupSecret } = readSurroundings();
  const base = need(publicUrl, 'PUBLIC_URL').replace(/\/+$/, '');
  // While a secret is being exchanged both are valid; new URLs carry the first.
  const [secret = ''] = need(hookupSecret, 'HOOKUP_SECRET').split(',');
  process.stdout.write(`${base}/hookup/provet/${encodeURIComponent(secret.trim())}\n`);
  return 0;
});
