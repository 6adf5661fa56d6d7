import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { StopWithMessage } from '../stop-with-message.ts';

const OLDEST_JAVA = 17;

const OTHER_WAY = 'Or set KAFKA_BROKERS (host:port) to an Apache Kafka that runs elsewhere.';

/** Major version out of `java -version`: `17.0.9`, `21`, and `1.8.0_382` for 8. */
export function javaMajor(output: string): number | null {
  const match = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (match === null) return null;
  return Number(match[1]) === 1 ? Number(match[2]) : Number(match[1]);
}

/** The path of a Java that is new enough, or a message that says what to install. */
export async function findJava(env: NodeJS.ProcessEnv): Promise<string> {
  const java = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
  const major = javaMajor(await outputOf(java, ['-version'], env));
  if (major !== null && major >= OLDEST_JAVA) return java;
  const found = major === null ? 'none was found' : `this is Java ${major}`;
  throw new StopWithMessage(
    'no-java',
    `Apache Kafka needs Java ${OLDEST_JAVA} or newer, and ${found} (${java}).\n` +
      `Install one, for example: sudo apt-get install openjdk-17-jre-headless maven\n${OTHER_WAY}`,
  );
}

export async function requireMaven(env: NodeJS.ProcessEnv): Promise<void> {
  if (/Apache Maven/.test(await outputOf('mvn', ['-v'], env))) return;
  throw new StopWithMessage(
    'no-maven',
    "Apache Kafka's jars are fetched once through Maven, and `mvn` was not found or does not run.\n" +
      `Install it, for example: sudo apt-get install maven\n${OTHER_WAY}`,
  );
}

/** Both streams of a short command (`java -version` writes to stderr); empty when it cannot run. */
function outputOf(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve(error === null ? `${stdout}${stderr}` : ''),
    );
  });
}
