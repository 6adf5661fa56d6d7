import type { CheckAnswer } from '../check-calls.ts';
import { found, type Finding, type Statement } from '../finding.ts';
import { listOf, rowOf, shapeOf, type Row } from './rows.ts';
import type { ProvetSubject } from './subject.ts';

const SETTING = 'PROVET_WEBHOOK_URL_FIELD';
const FORBIDDEN = '403: ask for the permission "Settings: Integration settings"';

/** Webhooks and their queue, from what the endpoints say of themselves and from rows that exist. Never creates one. */
export async function hookFindings(subject: ProvetSubject): Promise<Finding[]> {
  const { calls } = subject;
  const ask = (path: string, method: 'GET' | 'OPTIONS') =>
    calls.send({ path, method, limit: 100, budget: `${method} ${path}` });
  const options = await ask('hook/webhook/', 'OPTIONS');
  const list = await ask('hook/webhook/', 'GET');
  return [
    targetFinding(subject, options, list),
    contentTypeFinding(options, list),
    queueFinding(await ask('hook/queue/', 'GET')),
  ];
}

function targetFinding(
  { connector, configured, host, provetId }: ProvetSubject,
  options: CheckAnswer,
  list: CheckAnswer,
): Finding {
  const about: Statement = {
    id: 'hook.target-member',
    statement: 'member of /hook/webhook/ that takes the URL to call',
    section: '§5.3',
  };
  const described = options.status === 200 ? connector.targetMemberOf(options.text) : null;
  const rows = listOf(list)?.rows ?? [];
  const held = [...new Set(rows.flatMap((row) => addressesOf(row, `//${host}/${provetId}/`)))];
  const inRows = held.length === 1 ? (held[0] as string) : null;
  const wanted = configured.webhookUrlField;
  const member = inRows ?? described;
  if (member === null) {
    if (options.status === 403 || list.status === 403) return found(about, 'untested', FORBIDDEN);
    const text =
      held.length > 1
        ? `several could be it: ${held.join(', ')}`
        : `OPTIONS does not tell it (${options.status}), and no hook exists`;
    return found(about, 'untested', `${text}; make one by hand and check again`);
  }
  const sources = [
    described === member ? 'OPTIONS' : null,
    inRows === member ? `${rows.length} hooks that exist` : null,
  ].filter((one) => one !== null);
  const finding = `"${member}", by ${sources.join(' and ')}`;
  const confidence = inRows !== null || sources.length > 1 ? 'seen' : 'likely';
  if (wanted !== null && wanted !== member) {
    return found(about, confidence, finding, {
      settings: [`${SETTING}=${member}`],
      contradicts: `${SETTING}=${wanted}, but it is "${member}"`,
    });
  }
  // Where OPTIONS tells it, the relay learns it by itself.
  return found(
    about,
    confidence,
    finding,
    described === member || wanted !== null ? {} : { settings: [`${SETTING}=${member}`] },
  );
}

/** Members that hold an address outside the tenant's own. */
function addressesOf(row: Row, own: string): string[] {
  return Object.entries(row).flatMap(([member, value]) =>
    typeof value === 'string' && /^https?:\/\//.test(value) && !value.includes(own) ? [member] : [],
  );
}

function contentTypeFinding(options: CheckAnswer, list: CheckAnswer): Finding {
  const about = { id: 'hook.content-type', statement: 'default of "content_type" of a webhook', section: '§5.1' };
  const field = rowOf(rowOf(rowOf(rowOf(options.json)?.['actions'])?.['POST'])?.['content_type']);
  const initial = field?.['initial'] ?? field?.['default'];
  if (typeof initial === 'number' || typeof initial === 'string') return found(about, 'seen', `${initial}, by OPTIONS`);
  const rows = listOf(list)?.rows ?? [];
  const used = [...new Set(rows.map((row) => String(row['content_type'])))].join(', ');
  if (list.status === 403) return found(about, 'untested', FORBIDDEN);
  return found(
    about,
    'likely',
    `${used === '' ? 'no hook exists' : `hooks that exist have ${used}`}; OPTIONS names no default (the relay always sends 1)`,
  );
}

function queueFinding(answer: CheckAnswer): Finding {
  const about = { id: 'hook.queue', statement: 'rows of /hook/queue/', section: '§5.3' };
  if (answer.status === 403) return found(about, 'untested', FORBIDDEN);
  const list = listOf(answer);
  if (list === null)
    return found(
      about,
      answer.status === 404 ? 'seen' : 'untested',
      answer.status === 404 ? 'not offered here' : `http-${answer.status}`,
    );
  const [first] = list.rows;
  if (first === undefined) return found(about, 'untested', 'it is empty: let a webhook fire and check again');
  const statuses = [
    ...new Set(
      list.rows
        .map((row) => row['status'])
        .filter((status) => typeof status === 'string' || typeof status === 'number'),
    ),
  ];
  return found(
    about,
    'seen',
    `${list.count ?? list.rows.length} rows of ${shapeOf(first)}${statuses.length === 0 ? '' : `; status ${statuses.slice(0, 6).join(', ')}`}`,
  );
}
