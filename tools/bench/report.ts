import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../local/services.ts';
import { describeMachine } from './machine.ts';

export interface BenchFigure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly runs: readonly number[];
  /** What it is held against; absent for figures that only give the scale. */
  readonly aim?: string;
  readonly reached?: boolean;
}

export interface BenchReport {
  readonly bench: string;
  readonly what: string;
  readonly figures: readonly BenchFigure[];
  readonly notes: readonly string[];
}

/** For the terminal, and for Markdown. */
export function tableOf(figures: readonly BenchFigure[]): string {
  return [
    '| figure | median | runs | aim | reached |',
    '| --- | --- | --- | --- | --- |',
    ...figures.map(
      ({ name, unit, median, runs, aim, reached }) =>
        `| ${name} | ${median} ${unit} | ${runs.join(', ')} | ${aim ?? ''} | ${reached === undefined ? '' : reached ? 'yes' : 'no'} |`,
    ),
  ].join('\n');
}

/** Writes `docs/results/<bench>.json` and `.md`; returns the table for the terminal. */
export function writeReport(report: BenchReport): string {
  const folder = join(ROOT, 'docs', 'results');
  mkdirSync(folder, { recursive: true });
  const machine = describeMachine();
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(join(folder, `${report.bench}.json`), `${JSON.stringify({ ...report, date, machine }, null, 2)}\n`);
  const table = tableOf(report.figures);
  const text = [
    `# Bench: ${report.bench}`,
    report.what,
    `${date}, commit ${machine.commit}${machine.dirty ? ' with uncommitted changes' : ''}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}. Machines are shared and noisy: compare the figures of one run with each other.`,
    table,
    ...report.notes.map((note) => `- ${note}`),
  ].join('\n\n');
  writeFileSync(join(folder, `${report.bench}.md`), `${text}\n`);
  return table;
}
