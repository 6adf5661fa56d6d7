import { format } from 'prettier';
import { builtFile } from '../../local/services.ts';
import type { GeneratedFile } from './generated-file.ts';

export const OPENAPI_FOLDER = 'docs/openapi';

/** The registry's API document, as the running service gives it. */
export async function openApi(): Promise<GeneratedFile> {
  const { buildOpenApi } = (await import(builtFile('tenant-registry', 'open-api.js'))) as {
    buildOpenApi: () => Promise<object> | object;
  };
  const text = JSON.stringify(await buildOpenApi(), null, 2);
  return {
    path: `${OPENAPI_FOLDER}/tenant-registry.json`,
    text: await format(text, { parser: 'json', printWidth: 120 }),
  };
}
