import { createServer } from 'node:net';
import { StopWithMessage } from '../stop-with-message.ts';

/** Below the range from which the system picks ports of outgoing connections: none can take a port between look and use. */
const LOWEST = 12_000;
const HIGHEST = 31_999;

export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
}

/** At the first attempt the port of the last run, if it is free. */
export async function usualOrFree(attempt: number, usual: number | undefined): Promise<number> {
  return attempt === 1 && usual !== undefined && (await isPortFree(usual)) ? usual : freePort();
}

/** A port given by hand in a variable; a wrong or busy one stops with a message that names it. */
export async function requirePort(name: string, text: string): Promise<number> {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StopWithMessage('bad-port', `${name} must be a port number from 1 to 65535.`);
  }
  if (!(await isPortFree(port))) {
    throw new StopWithMessage(
      'port-busy',
      `Port ${port} (${name}) is in use by another process. Stop it, or set ${name} to another port.`,
    );
  }
  return port;
}
