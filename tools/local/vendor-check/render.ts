import type { CheckResult, Finding } from './finding.ts';

/** Facts of the run itself. */
export interface CheckRun extends CheckResult {
  readonly tenant: string;
  readonly calls: number;
  readonly waitedMs: number;
}

export const NO_SETTING = 'no setting needed';

/** The table for people: statement, section, confidence, finding; then settings, contradictions and what no reading can test. */
export function renderText(run: CheckRun): string {
  const { tenant, findings, outOfReach, calls, waitedMs } = run;
  const lines = [
    `What ${tenant} says of itself (${calls} calls, all of them readings; waited ${seconds(waitedMs)} s for the vendor's limits)`,
    '',
  ];
  lines.push(...table(findings));
  lines.push('', 'Settings:', ...settingLines(findings).map((line) => `  ${line}`));
  const contradictions = findings.flatMap(({ contradicts }) => (contradicts === null ? [] : [contradicts]));
  if (contradictions.length > 0) lines.push('', 'Contradicts:', ...contradictions.map((line) => `  ${line}`));
  lines.push('', 'No reading can test:');
  for (const { statement, section, instead } of outOfReach) lines.push(`  ${section} ${statement}: ${instead}`);
  return `${lines.join('\n')}\n`;
}

/** `NAME=value` lines to copy, each once; or the one line that says that there are none. */
export function settingLines(findings: readonly Finding[]): string[] {
  const lines = [...new Set(findings.flatMap(({ settings }) => settings))];
  return lines.length > 0 ? lines : [NO_SETTING];
}

export function renderRun(run: CheckRun): string {
  return `${JSON.stringify({ ...run, settings: settingLines(run.findings) }, null, 2)}\n`;
}

/** The finding stands last: it is the longest. */
function table(findings: readonly Finding[]): string[] {
  const rows = [
    ['statement', 'section', 'confidence', 'finding'],
    ...findings.map(({ statement, section, finding, confidence }) => [statement, section, confidence, finding]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(0);
}
