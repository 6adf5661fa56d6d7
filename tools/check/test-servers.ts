import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { claimDataFolder } from '../local/data-folder.ts';
import { startInfrastructure } from '../local/infrastructure.ts';
import { ROOT } from '../local/services.ts';
import { build, needsBuild } from '../local/start/build.ts';
import { stopRequest } from '../local/stop-request.ts';
import { tell } from '../local/stop-with-message.ts';
import { NOTHING, add, exitCodeOf, summaryLine, type Tally } from './vitest-report.ts';
import { runLevel, type Level } from './vitest-run.ts';

const SLOWEST = 30;

/** Builds if needed, starts Kafka and Postgres in a folder that is removed afterwards, runs the levels one after another. */
export async function runTests(
  levels: readonly Level[],
  filters: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<number> {
  const asked = stopRequest();
  const outcome = await Promise.race([testWithServers(levels, filters, more), asked]);
  if (typeof outcome !== 'string') {
    printTimes(outcome);
    printFailures(outcome);
    console.log(summaryLine(outcome));
    return exitCodeOf(outcome);
  }
  tell(`Stopped: ${outcome}`);
  return 1;
}

async function testWithServers(
  levels: readonly Level[],
  filters: readonly string[],
  more: NodeJS.ProcessEnv,
): Promise<Tally> {
  const folder = join(ROOT, '.relay', `test-${randomBytes(4).toString('hex')}`);
  // Also when this run is stopped: the servers' guards end them right after.
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  await claimDataFolder(folder);
  const [infra] = await Promise.all([startInfrastructure(folder, process.env), buildIfNeeded()]);
  try {
    const env = { ...process.env, KAFKA_BROKERS: infra.kafkaBrokers, DATABASE_URL: infra.databaseUrl, ...more };
    let all = NOTHING;
    for (const level of levels) all = add(all, await runLevel(level, filters, env));
    return all;
  } finally {
    await infra.stop();
    remove();
  }
}

async function buildIfNeeded(): Promise<void> {
  if (!needsBuild()) return;
  tell('Building …');
  await build();
}

function printTimes({ files, skipped }: Tally): void {
  console.log(`\nThe slowest of ${files.length} files:`);
  for (const { file, seconds, tests } of [...files].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST)) {
    console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${String(tests).padStart(4)} tests  ${inRoot(file)}`);
  }
  if (skipped > 0) console.log(`  ${skipped} tests were skipped`);
}

/** At the very end, where who reads the last page of a long log finds them. */
function printFailures({ failures, unsteady }: Tally): void {
  for (const { what, why } of unsteady) {
    console.log(`\nUNSTEADY (passed when run once more) ${inRoot(what)}\n  ${why.replaceAll('\n', '\n  ')}`);
  }
  for (const { what, why } of failures) {
    console.log(`\nFAILED ${inRoot(what)}\n  ${why.replaceAll('\n', '\n  ')}`);
  }
}

function inRoot(path: string): string {
  return path.replace(`${ROOT}/`, '');
}
