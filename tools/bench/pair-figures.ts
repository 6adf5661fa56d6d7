import type { Timed } from './change-load.ts';
import type { BenchFigure } from './report.ts';
import { median, rounded } from './statistics.ts';

const MOST_TIMES = 1.25;

/** What the healthy are served like while others are sick, beside what they are served like when nobody is. */
export function pairFigures(
  well: readonly Timed[],
  sick: readonly Timed[],
  sickName: string,
  unit: 'ms' | 's' = 'ms',
): BenchFigure[] {
  const shown = (value: number): number => (unit === 'ms' ? value : rounded(value / 1_000, 2));
  const row = (name: string, runs: readonly number[]): BenchFigure => ({
    name,
    unit,
    median: shown(median(runs)),
    runs: runs.map(shown),
  });
  const ratios = well.map(({ p99 }, at) => rounded((sick[at]?.p99 ?? Number.NaN) / p99, 2));
  return [
    ...(['p50', 'p99'] as const).flatMap((which) => [
      row(
        `all healthy, ${which}`,
        well.map((timed) => timed[which]),
      ),
      row(
        `${sickName}, ${which} of the healthy`,
        sick.map((timed) => timed[which]),
      ),
    ]),
    {
      name: 'p99 of the healthy, sick to well',
      unit: '×',
      median: median(ratios),
      runs: ratios,
      aim: `≤ ${MOST_TIMES} ×`,
      reached: median(ratios) <= MOST_TIMES,
    },
  ];
}
