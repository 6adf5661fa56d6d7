import { ConfigError, defineSettings, readConfig } from '#service-kit';
import { StopWithMessage } from '../stop-with-message.ts';

type Settings = Parameters<typeof defineSettings>[0];

/** Reads those settings of a sync that its check needs; what is given wins over the environment, files named there too. */
export function readCheckSettings<S extends Settings>(needed: S, given: Readonly<Record<string, string>>) {
  const env: Record<string, string | undefined> = { ...process.env, ...given };
  for (const name of Object.keys(given)) delete env[`${name}_FILE`];
  try {
    return readConfig(defineSettings(needed), { env });
  } catch (error) {
    if (error instanceof ConfigError) throw new StopWithMessage('bad-settings', error.message, { cause: error });
    throw error;
  }
}
