import { SERVICES, builtFile } from '../../local/services.ts';
import type { GeneratedFile } from './generated-file.ts';

const HEADER = `# Every setting of every service. \`npm start\` needs none of them; it reads them from .env if there.
# Secrets: \`npm run keys\` prints fresh ones.
`;

/** `.env.example` from the settings that the services declare: first what all have, then each service's own. */
export async function envExample(): Promise<GeneratedFile> {
  const { commonSettings, describeSettings, renderEnvExample } = await import('#service-kit');
  const sections = [{ title: 'All services', settings: describeSettings(commonSettings) }];
  for (const { name } of SERVICES) {
    const { settings } = (await import(builtFile(name, 'config.js'))) as { settings: typeof commonSettings };
    sections.push({ title: name, settings: describeSettings(settings) });
  }
  // Every line is commented out: a copy must not point `npm start` to servers that are only an example.
  const text = renderEnvExample(sections).replaceAll(/^(?=[A-Z])/gm, '#');
  return { path: '.env.example', text: `${HEADER}${text}` };
}
