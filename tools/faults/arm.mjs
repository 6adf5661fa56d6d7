// Arms fault points: `node --import ./tools/faults/arm.mjs …` with FAULT_POINTS in the environment. See README.md.
// Plain JavaScript, so that it can be put before a built service without a build of its own.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const HOOK = Symbol.for('practice-relay.fault-point');
const FORM = /^(?<name>.+?):(?<action>kill|stop|throw|delay=(?<ms>\d+))(?::(?<arrival>[1-9]\d*))?$/;

/** @param {string} text `name:action[:n]`, comma-separated; names may hold colons themselves */
function parse(text) {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const groups = FORM.exec(entry)?.groups;
      if (!groups) {
        throw new Error(`FAULT_POINTS: "${entry}" is not name:action[:n] with action kill, stop, throw or delay=MS`);
      }
      const arrival = groups.arrival === undefined ? null : Number(groups.arrival);
      return {
        name: groups.name,
        action: groups.action.split('=')[0],
        ms: Number(groups.ms ?? 0),
        arrival,
        arrivals: 0,
      };
    });
}

/** @param {{ name: string, action: string, ms: number }} fault */
async function act(fault) {
  // Written at once: after a kill nothing is flushed. Tests wait for this line.
  writeSync(2, `fault point ${fault.name}: ${fault.action}\n`);
  switch (fault.action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      // The signal is on its way; nothing of this process may run any more.
      await new Promise(() => {});
      return;
    case 'stop':
      process.kill(process.pid, 'SIGSTOP');
      return;
    case 'delay':
      await sleep(fault.ms);
      return;
    case 'throw':
      throw Object.assign(new Error(`fault point ${fault.name}`), { code: 'fault-point', retryable: true });
    default:
      throw new Error(`unknown action ${fault.action}`);
  }
}

const faults = parse(process.env.FAULT_POINTS ?? '');

/** @param {string} name */
globalThis[HOOK] = async (name) => {
  for (const fault of faults) {
    if (fault.name !== name) continue;
    fault.arrivals += 1;
    if (fault.arrival === null || fault.arrival === fault.arrivals) await act(fault);
  }
};
