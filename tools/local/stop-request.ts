import { watchParent } from './processes/parent-watch.ts';

let requested = false;
let isStarterGone = (): boolean => false;

/** True from the moment on at which this process will end: it was asked to, or is about to find that its starter is gone. */
export function isStopRequested(): boolean {
  return requested || isStarterGone();
}

/** Resolves once with the reason when this process is asked to stop: SIGINT, SIGTERM, or its starter is gone. */
export function stopRequest(): Promise<string> {
  return new Promise((settle) => {
    // While nothing else keeps this process (servers that run elsewhere), waiting to be stopped does.
    const staying = setInterval(() => undefined, 2 ** 30);
    const resolve = (reason: string) => {
      requested = true;
      clearInterval(staying);
      settle(reason);
    };
    // A terminal's Ctrl-C arrives twice, from the terminal and through npm: later ones change nothing.
    process.on('SIGINT', () => resolve('SIGINT'));
    process.on('SIGTERM', () => resolve('SIGTERM'));
    process.on('SIGHUP', () => resolve('SIGHUP'));
    isStarterGone = watchParent(() => resolve('whoever started this is gone'));
  });
}
