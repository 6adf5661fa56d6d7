import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StopWithMessage, tell } from './stop-with-message.ts';

/** What `npm start` or `npm run infra` left for the other commands. */
export interface RunningInfra {
  readonly pid: number;
  readonly kafkaBrokers: string;
  readonly databaseUrl: string;
  readonly topicPrefix?: string;
  readonly publicUrl?: string;
  /** Where this start's provet-sync may call: other commands may call there too. */
  readonly provetAllowedHosts?: string;
  readonly provetAllowHttp?: string;
}

export function dataFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['RELAY_DATA_DIR'] || '.relay');
}

/** The note holds the database's password: only the owner may read it. Written beside and renamed, so it is never half there. */
export function writeRunningInfra(folder: string, infra: RunningInfra): void {
  writePrivately(join(folder, 'infra.json'), `${JSON.stringify(infra, null, 2)}\n`);
}

export function readRunningInfra(folder: string): RunningInfra | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'infra.json'), 'utf8')) as RunningInfra;
  } catch {
    return null;
  }
}

export function removeRunningInfra(folder: string): void {
  rmSync(join(folder, 'infra.json'), { force: true });
}

export function writePrivately(path: string, text: string): void {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, text, { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, path);
}

/**
 * Makes the folder and takes it for this process, until it ends: one starter a data folder. The lock is an abstract Unix
 * socket named after the folder: taken atomically, and gone with its holder however that ends, so no stale lock can block the
 * next start. Whoever connects is told the holder's process id, and whether it is about to end: then its end is waited for,
 * since npm and a killed parent leave before it.
 */
export async function claimDataFolder(folder: string, isLeaving: () => boolean = () => false): Promise<void> {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const name = `\0practice-relay-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32)}`;
  const end = Date.now() + LEAVE_PATIENCE_MS;
  for (let told = false; !(await listens(name, isLeaving)); await delay(100)) {
    const [holder = '', leaving] = (await askHolder(name)).split(' ');
    // It may have ended between the two looks.
    if (holder === GONE) continue;
    if (leaving === undefined || Date.now() > end) throw inUse(folder, holder);
    if (!told) tell(`Waiting for an earlier start (process ${holder}) that is stopping …`);
    told = true;
  }
}

/** A start has everything down within 15 s of being asked to. */
const LEAVE_PATIENCE_MS = 20_000;
const GONE = 'gone';

function inUse(folder: string, holder: string): StopWithMessage {
  const process = holder === '' ? '' : ` (process ${holder})`;
  return new StopWithMessage(
    'folder-in-use',
    `${folder} is in use by another \`npm start\` or \`npm run infra\`${process}.\n` +
      'Stop that one first, or set RELAY_DATA_DIR to another folder.',
  );
}

function listens(name: string, isLeaving: () => boolean): Promise<boolean> {
  return new Promise((resolvePromise, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(`${process.pid}${isLeaving() ? ' leaving' : ''}`);
    });
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolvePromise(false);
      else reject(error);
    });
    server.listen(name, () => resolvePromise(true));
  });
}

/** What the holder says of itself; nothing when it does not answer, `gone` when nobody holds the name any more. */
function askHolder(name: string): Promise<string> {
  return new Promise((resolvePromise) => {
    let answer = '';
    const socket = connect(name);
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') answer ||= GONE;
    });
    socket.once('close', () => resolvePromise(answer));
  });
}
