import type { Connector, PageOutcome, ResourceSpec } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { drawnRun } from './test-support/drawn/drawn-run.js';

/** A connector that differs from the real one in what is given. */
function changed(connector: Connector, change: Partial<Connector>): Connector {
  const made = Object.create(connector) as Connector;
  for (const [name, value] of Object.entries(change)) Object.defineProperty(made, name, { value });
  return made;
}

const withSpecs = (change: (spec: ResourceSpec) => ResourceSpec) => (connector: Connector) =>
  changed(connector, { resources: connector.resources.map(change) });

const withPages = (change: (page: PageOutcome & { kind: 'page' }) => PageOutcome) => (connector: Connector) =>
  changed(connector, {
    readPage: async (...asked) => {
      const page = await connector.readPage(...asked);
      return page.kind === 'page' ? change(page) : page;
    },
  });

describe('drawn runs find', () => {
  it.each<[string, string, (connector: Connector) => Connector]>([
    [
      'that what is gone is not looked for',
      'tail',
      withSpecs((spec) => ({ ...spec, passes: spec.passes.map((pass) => ({ ...pass, provesAbsence: false })) })),
    ],
    [
      'that a short page is taken for the last',
      'tail',
      withPages((page) =>
        page.rows.length < 2 && !page.next?.includes('"continuation":null') ? { ...page, next: null } : page,
      ),
    ],
    [
      'that rows lose what they hold',
      'order',
      withPages((page) => ({
        ...page,
        rows: page.rows.map((row) => ({ ...row, text: row.text.replace('Status', 'State') })),
      })),
    ],
    [
      'that a cancelled appointment is taken for gone',
      'tail',
      withPages((page) => ({ ...page, rows: page.rows.filter(({ text }) => !text.includes('"Cancelled"')) })),
    ],
    [
      'that an id is taken as it is spelt',
      'order',
      withPages((page) => ({
        ...page,
        rows: page.rows.map((row) => ({ ...row, recordId: /"id":"([^"]+)"/.exec(row.text)?.[1] ?? row.recordId })),
      })),
    ],
  ])('%s', { timeout: 60_000 }, async (_what, rule, plant) => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const found = await drawnRun(seed, null, { connectorOf: (connector) => plant(connector) });
      if (found.some((line) => line.startsWith(rule))) return;
    }
    expect.unreachable('not within fifteen runs');
  });
});
