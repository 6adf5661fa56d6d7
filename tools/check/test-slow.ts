import { randomInt } from 'node:crypto';
import { runCommand } from '../local/stop-with-message.ts';
import { runTests } from './test-servers.ts';

/** `npm run test:slow [-- NAME]`: the long set, or the parts whose path holds NAME. TEST_SEED repeats a run. */
await runCommand(() => {
  const seed = process.env['TEST_SEED'] || String(randomInt(2 ** 31));
  console.log(`TEST_SEED=${seed}`);
  return runTests(['slow'], process.argv.slice(2), { TEST_SEED: seed });
});
process.exit();
