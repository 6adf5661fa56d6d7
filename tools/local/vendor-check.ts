import { Unreachable } from './vendor-check/check-calls.ts';
import { EXIT, exitCodeOf } from './vendor-check/finding.ts';
import { parseVendorCheckOptions } from './vendor-check/options.ts';
import { renderRun, renderText } from './vendor-check/render.ts';
import { vendorCheckOf } from './vendor-check/vendors.ts';
import { isBuilt } from './services.ts';
import { StopWithMessage, runCommand, tell } from './stop-with-message.ts';
import { readSurroundings } from './surroundings.ts';

/**
 * `npm run vendor:check -- --tenant T`: puts what the vendor's documents leave open to a test tenant, by reading alone, and prints
 * what it says as a table and as settings.
 */
await runCommand(async () => {
  const { tenant, json } = parseVendorCheckOptions(process.argv.slice(2));
  if (!isBuilt('provet-sync') || !isBuilt('exact-sync'))
    throw new StopWithMessage('not-built', 'Nothing is built: run `npm run build` first.');
  try {
    const run = await vendorCheckOf(tenant)(tenant, readSurroundings());
    process.stdout.write(json ? renderRun(run) : renderText(run));
    return exitCodeOf(run.findings);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    tell(`${tenant} cannot be reached: ${error.message}.`);
    return EXIT.unreachable;
  }
});
process.exit();
