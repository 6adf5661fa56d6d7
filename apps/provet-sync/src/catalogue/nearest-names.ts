import { CATALOGUE } from './catalogue.js';

/** Names of the catalogue that are spelt most like a name that is not in it, nearest first. */
export function nearestNames(unknown: string, count = 3): string[] {
  const wanted = spelling(unknown);
  return CATALOGUE.map(({ name }) => ({ name, distance: distanceOf(wanted, spelling(name)) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

/** People write `stock/item`, `StockItem` or `stock_item`. */
function spelling(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Levenshtein: how many letters have to change. */
function distanceOf(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = (before[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      now.push(Math.min(changed, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1));
    }
    before = now;
  }
  return before[b.length] ?? 0;
}
