import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StopWithMessage, tell } from '../stop-with-message.ts';
import { requireMaven } from './java.ts';

const here = import.meta.dirname;
const POM = join(here, 'pom.xml');

/** Text of `sha256sum`: one `<64 hex>  <name>` a line. */
export function parseChecksums(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) sums.set(match[2], match[1]);
  }
  return sums;
}

/** What is wrong with a folder of jars; empty when it holds exactly the expected ones. */
export function jarProblems(folder: string, expected: ReadonlyMap<string, string>): string[] {
  const present = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  const problems = [...expected.keys()].filter((name) => !present.includes(name)).map((name) => `${name} is missing`);
  for (const name of present) {
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
    if (!expected.has(name)) problems.push(`${name} is not on the list`);
    else if (expected.get(name) !== sum) problems.push(`${name} has another SHA-256`);
  }
  return problems;
}

export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'practice-relay');
}

/** Kafka's jars as paths, sorted: fetched once per version of the pom into the user's cache, and checked at every start. */
export async function kafkaJars(env: NodeJS.ProcessEnv): Promise<string[]> {
  const expected = parseChecksums(readFileSync(join(here, 'jars.sha256'), 'utf8'));
  const key = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 16);
  const folder = join(cacheFolder(env), `kafka-${key}`);
  if (existsSync(folder) && jarProblems(folder, expected).length > 0) {
    tell(`Kafka's jars in ${folder} are not the expected ones: fetching them again.`);
    rmSync(folder, { recursive: true, force: true });
  }
  if (!existsSync(folder)) await fetchJars(folder, expected, env);
  return [...expected.keys()].sort().map((name) => join(folder, name));
}

async function fetchJars(folder: string, expected: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): Promise<void> {
  await requireMaven(env);
  mkdirSync(join(folder, '..'), { recursive: true });
  const beside = mkdtempSync(`${folder}-`);
  const clear = () => rmSync(beside, { recursive: true, force: true });
  process.once('exit', clear);
  try {
    tell(`Fetching Apache Kafka through Maven, once for this machine (${expected.size} jars, 43 MB) …`);
    await runMaven(beside, env);
    const problems = jarProblems(beside, expected);
    if (problems.length > 0) {
      throw new StopWithMessage(
        'jars-differ',
        `What Maven fetched is not what tools/local/kafka/jars.sha256 lists:\n  ${problems.join('\n  ')}`,
      );
    }
    moveIntoPlace(beside, folder);
    tell(`Apache Kafka's jars are in ${folder}.`);
  } finally {
    process.off('exit', clear);
    clear();
  }
}

/** Another starter may have been faster; its folder was checked like ours. */
function moveIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

function runMaven(into: string, env: NodeJS.ProcessEnv): Promise<void> {
  const goal = 'dependency:copy-dependencies';
  const args = ['-B', '-Dstyle.color=never', '-f', POM, goal, '-DincludeScope=runtime', `-DoutputDirectory=${into}`];
  const child = spawn('mvn', args, { env, cwd: into, stdio: ['ignore', 'pipe', 'pipe'] });
  const tail: string[] = [];
  let fetched = 0;
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      tail.push(line);
      if (tail.length > 20) tail.shift();
      if (/Downloaded from .*\.jar/.test(line)) fetched += 1;
    });
  }
  const end = () => void child.kill();
  process.once('exit', end);
  const started = Date.now();
  const progress = setInterval(
    () => tell(`  … Maven is at work since ${Math.round((Date.now() - started) / 1000)} s, ${fetched} jars downloaded`),
    3_000,
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(progress);
      process.off('exit', end);
      if (code === 0) resolve();
      else reject(new StopWithMessage('maven-failed', `Maven could not fetch Kafka's jars:\n${tail.join('\n')}`));
    });
  });
}
