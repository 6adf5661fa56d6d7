import { SERVICES, builtFile } from '../../local/services.ts';
import type { GeneratedFile } from './generated-file.ts';

/** `.env.example` from the settings that the services declare: first what all have, then each service's own. */
export async function envExample(): Promise<GeneratedFile> {
  const { commonSettings, describeSettings, renderEnvExample } = await import('#service-kit');
  const sections = [{ title: 'All services', settings: describeSettings(commonSettings) }];
  for (const { name } of SERVICES) {
    const { settings } = (await import(builtFile(name, 'config.js'))) as { settings: typeof commonSettings };
    sections.push({ title: name, settings: describeSettings(settings) });
  }
  return { path: '.env.example', text: renderEnvExample(sections) };
}
