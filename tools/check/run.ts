import { runCommand } from '../local/stop-with-message.ts';
import { checkSteps, runStep } from './steps.ts';

/** `npm run check [-- STEP…]`: every step runs, also after one has failed. */
await runCommand(async () => {
  const wanted = process.argv.slice(2);
  const failed: string[] = [];
  for (const step of checkSteps()) {
    if (wanted.length > 0 && !wanted.includes(step.name)) continue;
    const { ok, output, seconds } = await runStep(step);
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${step.name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s`);
    if (ok) continue;
    failed.push(step.name);
    console.log(output.trimEnd().replaceAll(/^/gm, '    '));
  }
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});
