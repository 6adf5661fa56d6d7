import { readFileSync } from 'node:fs';
import { cpuMs } from './processes.ts';
import { rounded } from './statistics.ts';

const TICK_MS = 10;

/** CPU time that all processes of the machine have used so far. */
function machineMs(): number {
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields;
  return (user + nice + system + irq + softirq) * TICK_MS;
}

/** Memory of a process that is in RAM. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

/** Percent of one core, by the name of the process; `others` is the rest of the machine: broker, database, neighbours. */
type Shares = Readonly<Record<string, number>>;

/** How much of a core each process uses until the returned function is called. */
export function watchCpu(pids: Readonly<Record<string, number>>): () => Shares {
  const began = performance.now();
  const machine = machineMs();
  const before = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
  return () => {
    const took = performance.now() - began;
    const used = Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid) - (before[name] ?? 0)] as const);
    const others = machineMs() - machine - used.reduce((sum, [, ms]) => sum + ms, 0);
    const percent = (ms: number): number => rounded((100 * Math.max(0, ms)) / took);
    return Object.fromEntries([...used, ['others', others] as const].map(([name, ms]) => [name, percent(ms)]));
  };
}

export function sharesText(shares: Shares): string {
  return Object.entries(shares)
    .map(([name, percent]) => `${name} ${percent} %`)
    .join(', ');
}
