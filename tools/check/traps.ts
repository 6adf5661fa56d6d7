import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../local/services.ts';
import { StopWithMessage, runCommand, tell } from '../local/stop-with-message.ts';
import { trapsPage } from './generated/traps-page.ts';
import { proveDisabling } from './traps/prove-trap.ts';
import { PROVET_TRAPS } from './traps/provet-traps.ts';
import { TRAPS_JSON, TRAPS_PAGE, readShown } from './traps/shown-traps.ts';
import { keyOf, type Shown } from './traps/trap.ts';

/**
 * `npm run traps [-- NUMBER…]`: takes the handling of each trap out of the source in turn and sees its test fail, then writes
 * docs/results/traps.md. Tests above unit level are run when KAFKA_BROKERS and DATABASE_URL are set. Ends with 1 when a test passes
 * without what it is there for.
 */
await runCommand(async () => {
  const wanted = process.argv.slice(2).map(Number);
  if (wanted.some((number) => !PROVET_TRAPS.some((trap) => trap.number === number))) {
    throw new StopWithMessage(
      'no-such-trap',
      `Usage: npm run traps [-- NUMBER…], numbers from 1 to ${PROVET_TRAPS.length}.`,
    );
  }
  const servers = Boolean(process.env['KAFKA_BROKERS'] && process.env['DATABASE_URL']);
  const all = PROVET_TRAPS.flatMap(({ number, disabled }) => disabled.map((one) => ({ number, one })));
  const before = readShown();
  // What is no longer taken out is forgotten.
  const shown: Record<string, Shown[string]> = {};
  for (const { one } of all)
    if (before[keyOf(one)] !== undefined) shown[keyOf(one)] = before[keyOf(one)] as Shown[string];
  let passed = 0;
  for (const { number, one } of all) {
    if (wanted.length > 0 && !wanted.includes(number)) continue;
    if (one.fails.file.endsWith('.int-spec.ts') && !servers) {
      tell(`${number}. left out: it needs KAFKA_BROKERS and DATABASE_URL (npm run infra)`);
      continue;
    }
    const seen = await proveDisabling(one);
    if (seen === null) {
      passed += 1;
      delete shown[keyOf(one)];
      tell(`${number}. NOT SHOWN: without ${one.without}, ${one.fails.file} "${one.fails.name}" does not fail`);
    } else {
      shown[keyOf(one)] = seen;
      tell(`${number}. without ${one.without}: ${seen.failed} failed, ${seen.saw}`);
    }
    writeFileSync(join(ROOT, TRAPS_JSON), `${JSON.stringify(shown, null, 2)}\n`);
  }
  writeFileSync(join(ROOT, TRAPS_PAGE), (await trapsPage()).text);
  return passed === 0 ? 0 : 1;
});
process.exit();
