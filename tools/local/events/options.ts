import { parseArgs } from 'node:util';
import { StopWithMessage } from '../stop-with-message.ts';

export interface EventsOptions {
  readonly tenant: string | null;
  readonly resource: string | null;
  readonly fromBeginning: boolean;
  readonly json: boolean;
}

const USAGE = 'Usage: npm run events -- [--tenant TENANT_ID] [--resource RESOURCE] [--from-beginning] [--json]';

export function parseEventsOptions(args: readonly string[]): EventsOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        tenant: { type: 'string' },
        resource: { type: 'string' },
        'from-beginning': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    return {
      tenant: values.tenant ?? null,
      resource: values.resource ?? null,
      fromBeginning: values['from-beginning'],
      json: values.json,
    };
  } catch (error) {
    throw new StopWithMessage('bad-option', `${error instanceof Error ? error.message : ''}\n${USAGE}`);
  }
}

const RECORD_TOPIC = /^(?:provet|exact)\.(.+)\.v\d+$/;

/** Record topics among the names, of one resource if asked; `/` in a resource is `-` in a topic's name. */
export function recordTopics(names: readonly string[], resource: string | null): string[] {
  const wanted = resource?.replaceAll('/', '-');
  return names.filter((name) => {
    const match = RECORD_TOPIC.exec(name);
    return match !== null && (wanted === undefined || match[1] === wanted);
  });
}
