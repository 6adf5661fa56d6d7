import { runCommand } from '../local/stop-with-message.ts';
import { runTests } from './test-servers.ts';

/** `npm test [-- FILTER…]`: the landing set. The last line is `N passed, N failed`. */
await runCommand(() => runTests(['unit', 'integration', 'e2e'], process.argv.slice(2)));
process.exit();
