import { format } from 'prettier';
import { ALL_TRAPS } from '../traps/all-traps.ts';
import { renderTraps } from '../traps/render-traps.ts';
import { TRAPS_PAGE, readShown } from '../traps/shown-traps.ts';
import type { GeneratedFile } from './generated-file.ts';

/** The page of traps, from their table and from what was seen when each handling was taken out. */
export async function trapsPage(): Promise<GeneratedFile> {
  const text = renderTraps(ALL_TRAPS, readShown());
  return { path: TRAPS_PAGE, text: await format(text, { parser: 'markdown', printWidth: 120 }) };
}
