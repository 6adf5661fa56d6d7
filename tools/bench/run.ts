import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { claimDataFolder } from '../local/data-folder.ts';
import { startInfrastructure } from '../local/infrastructure.ts';
import { freshKeyring } from '../local/keyring.ts';
import { ROOT } from '../local/services.ts';
import { build, needsBuild } from '../local/start/build.ts';
import { StopWithMessage, runCommand } from '../local/stop-with-message.ts';
import { backfillBench } from './backfill.bench.ts';
import type { Bench } from './bench.ts';
import { exactIsolationBench } from './exact-isolation.bench.ts';
import { gatewayBench } from './gateway.bench.ts';
import { idleBench } from './idle.bench.ts';
import { isolationBench } from './isolation.bench.ts';
import { noticeBench } from './notice.bench.ts';
import { withOwnDatabase } from './own-database.ts';
import { tableOf, writeReport } from './report.ts';
import { tokensBench } from './tokens.bench.ts';

const BENCHES: readonly Bench[] = [
  gatewayBench,
  noticeBench,
  backfillBench,
  idleBench,
  isolationBench,
  exactIsolationBench,
  tokensBench,
];

function chosen(name: string | undefined): readonly Bench[] {
  if (name === undefined) return BENCHES;
  const bench = BENCHES.find((candidate) => candidate.name === name);
  if (bench !== undefined) return [bench];
  const names = BENCHES.map((candidate) => candidate.name).join(', ');
  throw new StopWithMessage('no-such-bench', `Usage: npm run bench -- [NAME], where NAME is one of ${names}.`);
}

/** Whole numbers as `name=value` behind the bench's name. */
function given(bench: Bench, words: readonly string[]): Map<string, string> {
  const known = bench.parameters ?? [];
  const pairs = words.map((word) => word.split('=') as [string, string]);
  const wrong = pairs.find(([name, value]) => !known.includes(name) || !/^[1-9]\d*$/.test(value ?? ''));
  if (wrong === undefined) return new Map(pairs);
  const takes = known.length === 0 ? 'takes no parameters' : `takes ${known.map((name) => `${name}=NUMBER`).join(' ')}`;
  throw new StopWithMessage('no-such-parameter', `The bench ${bench.name} ${takes}.`);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

/** `npm run bench [-- NAME]`: each bench on servers of its own; results go to docs/results/. */
await runCommand(async () => {
  const [name, ...words] = process.argv.slice(2);
  const benches = chosen(name);
  for (const bench of benches) given(bench, words);
  if (needsBuild()) {
    say('Building …');
    await build();
  }
  for (const bench of benches) {
    say(`${bench.name} …`);
    const folder = join(ROOT, '.relay', `bench-${bench.name}-${process.pid}`);
    await claimDataFolder(folder);
    const infra = await startInfrastructure(folder, process.env);
    try {
      const parameters = given(bench, words);
      const { kafkaBrokers } = infra;
      const database = `bench_${bench.name.replaceAll('-', '_')}_${process.pid}`;
      const report = await withOwnDatabase(infra.databaseUrl, database, (databaseUrl) => {
        const env = environment({ kafkaBrokers, databaseUrl }, bench.name);
        return bench.run({ env, folder, say: (line) => say(`  ${line}`), given: parameters });
      });
      // A run of another size is no result to be compared with.
      say(parameters.size === 0 ? writeReport({ bench: bench.name, ...report }) : tableOf(report.figures));
    } finally {
      await infra.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});
process.exit();

function environment(infra: { kafkaBrokers: string; databaseUrl: string }, bench: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...freshKeyring(),
    KAFKA_BROKERS: infra.kafkaBrokers,
    DATABASE_URL: infra.databaseUrl,
    TOPIC_PREFIX: `bench-${bench}-${process.pid}.`,
    CONSUMER_GROUP_PREFIX: `bench-${bench}-${process.pid}.`,
    PUBLIC_URL: 'http://127.0.0.1:3000',
    LOG_LEVEL: 'warn',
    EXACT_ENVIRONMENT: '',
  };
}
