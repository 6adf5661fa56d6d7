import { CATALOGUE } from './catalogue.js';
import { changeTriggersOf, deleteTriggersOf, type CatalogueEntry } from './entry.js';
import { lacksOf } from './lacks.js';
import { LEFT_OUT } from './left-out.js';

/** The catalogue as `npm run provet:catalogue` shows it. `simulated`: resources that the vendor simulator knows. */
export function catalogueReport(simulated: ReadonlySet<string>): object {
  return { resources: CATALOGUE.map((entry) => reported(entry, simulated)), leftOut: LEFT_OUT };
}

/** The same for people: a line an entry, what it lacks below it, then what is left out and why. */
export function catalogueTable(simulated: ReadonlySet<string>): string {
  const columns = ['resource', 'permission', 'list/read a min', 'delta', 'pace', 'triggers'];
  const rows = CATALOGUE.map((entry) => [
    entry.name,
    entry.permission ?? '(none listed)',
    `${entry.limits.list}/${entry.limits.read ?? '-'}`,
    entry.modifiedMember ?? '-',
    entry.pace,
    triggersText(entry),
  ]);
  const widths = columns.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const entries = CATALOGUE.flatMap((entry, index) => [
    line(rows[index] ?? []),
    ...remarks(entry, simulated).map((text) => `    ${text}`),
  ]);
  const leftOut = LEFT_OUT.map(({ path, reason }) => `  ${path}: ${reason}`);
  return [
    line(columns),
    ...entries,
    '',
    `${CATALOGUE.length} resources. Enable some by PROVET_RESOURCES=<names, comma between>, or all.`,
    '',
    'Left out:',
    ...leftOut,
    '',
  ].join('\n');
}

function reported(entry: CatalogueEntry, simulated: ReadonlySet<string>): object {
  return {
    ...entry,
    changeTriggers: changeTriggersOf(entry.name).map(({ number }) => number),
    deleteTriggers: deleteTriggersOf(entry.name).map(({ number }) => number),
    lacks: lacksOf(entry, simulated.has(entry.name)),
  };
}

function remarks(entry: CatalogueEntry, simulated: ReadonlySet<string>): string[] {
  const lacks = lacksOf(entry, simulated.has(entry.name)).map(({ text }) => text);
  return [...(lacks.length === 0 ? [] : [lacks.join('; ')]), ...(entry.note === null ? [] : [`(${entry.note})`])];
}

function triggersText({ name }: CatalogueEntry): string {
  const changes = changeTriggersOf(name).map(({ number }) => String(number));
  const deletions = deleteTriggersOf(name).map(({ number }) => `${number} deleted`);
  return [...changes, ...deletions].join(', ') || '-';
}
