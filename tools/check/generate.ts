import 'reflect-metadata';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, needsBuild } from '../local/start/build.ts';
import { ROOT } from '../local/services.ts';
import { runCommand, tell } from '../local/stop-with-message.ts';
import { envExample } from './generated/env-example.ts';
import { differences, namesIn } from './generated/generated-file.ts';
import { OPENAPI_FOLDER, openApi } from './generated/open-api.ts';
import { SCHEMA_FOLDER, schemaFiles } from './generated/schemas.ts';
import { trapsPage } from './generated/traps-page.ts';

const WHOLE_FOLDERS = [SCHEMA_FOLDER, OPENAPI_FOLDER];

/** `npm run generate`: writes every generated file. With `--check` it writes nothing and ends with 1 on a difference. */
await runCommand(async () => {
  if (needsBuild()) await build();
  const files = [...(await schemaFiles()), await envExample(), await openApi(), await trapsPage()];
  const found = differences(ROOT, files, WHOLE_FOLDERS);
  if (process.argv.includes('--check')) {
    for (const difference of found) tell(difference);
    if (found.length > 0) tell('Run `npm run generate` and commit what it writes.');
    return found.length === 0 ? 0 : 1;
  }
  const known = new Set(files.map((file) => file.path));
  for (const folder of WHOLE_FOLDERS) {
    for (const name of namesIn(join(ROOT, folder))) {
      if (!known.has(`${folder}/${name}`)) rmSync(join(ROOT, folder, name));
    }
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  tell(`${files.length} generated files are in place; ${found.length} differences were put right.`);
  return 0;
});
process.exit();
