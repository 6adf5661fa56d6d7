import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../local/services.ts';
import { StopWithMessage, runCommand, tell } from '../local/stop-with-message.ts';
import { trapsPage } from './generated/traps-page.ts';
import { ALL_TRAPS } from './traps/all-traps.ts';
import { proveDisabling } from './traps/prove-trap.ts';
import { TRAPS_JSON, TRAPS_PAGE, readShown } from './traps/shown-traps.ts';
import { keyOf, type Shown } from './traps/trap.ts';

/**
 * `npm run traps [-- VENDOR] [NUMBER…]`: takes the handling of each trap out of the source in turn and sees its test fail, then writes
 * docs/results/traps.md. Tests above unit level are run when KAFKA_BROKERS and DATABASE_URL are set. Ends with 1 when a test passes
 * without what it is there for.
 */
await runCommand(async () => {
  const words = process.argv.slice(2);
  const vendors = ALL_TRAPS.filter(({ name }) => words.includes(name));
  const asked = (vendors.length > 0 ? vendors : ALL_TRAPS).flatMap(({ traps }) => traps);
  const wanted = words.filter((word) => !ALL_TRAPS.some(({ name }) => name === word)).map(Number);
  if (wanted.some((number) => !asked.some((trap) => trap.number === number))) {
    const names = ALL_TRAPS.map(({ name, traps }) => `${name} (1 to ${traps.length})`).join(', ');
    throw new StopWithMessage('no-such-trap', `Usage: npm run traps [-- VENDOR] [NUMBER…], of ${names}.`);
  }
  const servers = Boolean(process.env['KAFKA_BROKERS'] && process.env['DATABASE_URL']);
  const all = ALL_TRAPS.flatMap(({ name, traps }) =>
    traps.flatMap((trap) => trap.disabled.map((one) => ({ name: `${name} ${trap.number}`, trap, one }))),
  );
  const before = readShown();
  // What is no longer taken out is forgotten.
  const shown: Record<string, Shown[string]> = {};
  for (const { one } of all)
    if (before[keyOf(one)] !== undefined) shown[keyOf(one)] = before[keyOf(one)] as Shown[string];
  let passed = 0;
  for (const { name, trap, one } of all) {
    if (!asked.includes(trap) || (wanted.length > 0 && !wanted.includes(trap.number))) continue;
    if (one.fails.file.endsWith('.int-spec.ts') && !servers) {
      tell(`${name}. left out: it needs KAFKA_BROKERS and DATABASE_URL (npm run infra)`);
      continue;
    }
    const seen = await proveDisabling(one);
    if (seen === null) {
      passed += 1;
      delete shown[keyOf(one)];
      tell(`${name}. NOT SHOWN: without ${one.without}, ${one.fails.file} "${one.fails.name}" does not fail`);
    } else {
      shown[keyOf(one)] = seen;
      tell(`${name}. without ${one.without}: ${seen.failed} failed, ${seen.saw}`);
    }
    writeFileSync(join(ROOT, TRAPS_JSON), `${JSON.stringify(shown, null, 2)}\n`);
  }
  writeFileSync(join(ROOT, TRAPS_PAGE), (await trapsPage()).text);
  return passed === 0 ? 0 : 1;
});
process.exit();
