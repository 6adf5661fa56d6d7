import { runCommand, StopWithMessage } from './stop-with-message.ts';
import { builtFile } from './services.ts';

interface Report {
  readonly catalogueTable: (simulated: ReadonlySet<string>) => string;
  readonly catalogueReport: (simulated: ReadonlySet<string>) => object;
}

/** `npm run provet:catalogue [-- --json]`: every resource that can be relayed, and what is not certain of each. */
await runCommand(async () => {
  const args = process.argv.slice(2);
  const unknown = args.filter((arg) => arg !== '--json');
  if (unknown.length > 0) throw new StopWithMessage('usage', `Unknown: ${unknown.join(' ')}. There is only --json.`);
  const { catalogueReport, catalogueTable } = (await import(builtFile('provet-sync', 'catalogue/report.js'))) as Report;
  const { MODELLED_RESOURCES } = await import('#vendor-twins');
  const simulated = new Set(MODELLED_RESOURCES);
  const text = args.includes('--json')
    ? `${JSON.stringify(catalogueReport(simulated), null, 2)}\n`
    : catalogueTable(simulated);
  process.stdout.write(text);
  return 0;
});
