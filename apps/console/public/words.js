// What the page says about states, phases and ages. Each badge has a sign of its own: colour is never the only difference.

/** In the order in which the totals and the filter show them. */
export const STATES = {
  active: { word: 'Active', sign: '✓', tone: 'good' },
  pending: { word: 'Pending', sign: '…', tone: 'wait' },
  'awaiting-consent': { word: 'Awaiting consent', sign: '?', tone: 'wait' },
  suspended: { word: 'Suspended', sign: '!', tone: 'bad' },
  withdrawn: { word: 'Withdrawn', sign: '–', tone: 'idle' },
  purged: { word: 'Purged', sign: '×', tone: 'idle' },
};

const PHASES = {
  live: { sign: '✓', tone: 'good' },
  backfill: { sign: '↓', tone: 'wait' },
  waiting: { sign: '…', tone: 'wait' },
  paused: { sign: '‖', tone: 'idle' },
  forbidden: { sign: '⊘', tone: 'bad' },
  offline: { sign: '○', tone: 'bad' },
  broken: { sign: '!', tone: 'bad' },
};

const REASONS = {
  operator: 'by an operator',
  'credential-rejected': 'the vendor rejects the credential',
  'consent-unconfirmed': 'not on the newest subscription list',
  'subscription-lost': 'calls are refused although it is subscribed',
  'version-too-old': 'its software is too old',
  'not-found': 'the vendor finds nothing of it',
  'redirect-uri-mismatch': 'the redirect address does not match',
  'other-environment': 'belongs to another EXACT environment',
  'subscription-doubtful': 'calls are refused: its subscription is in doubt',
  'not-listed': 'the newest subscription list does not name it',
  'no-token': 'there is no token yet',
  sleeping: 'its server is off, as usual at this hour',
  'day-off': 'its server is off, like those of many others today',
  late: 'its server should be on by now',
  'not-answering': 'its server has been silent for longer than it ever was',
  'webhooks-forbidden': 'webhooks may not be made: changes are found by checks alone, more often',
  'webhooks-department-only':
    'only departments have webhooks: what belongs to no department is found by the checks, at their pace',
  'webhooks-not-offered': 'the vendor offers no webhooks here: changes are found by checks alone',
  'not-prepared': 'its webhooks and permissions could not be looked at yet',
};

/** What stands in a hold, in words. `facts` are texts and numbers from outside. */
const HOLDS = {
  'mass-loss': ({ lost, listed, limit }) => ({
    title: 'A list without many practices',
    text: `The newest list of subscriptions names ${count(listed, 'practice')} and leaves out ${count(lost, 'practice')} that are active; more than ${limit} at once is not believed. Nobody has changed state.`,
  }),
  'host-not-allowed': ({ host, expiresAt }) => ({
    title: 'A registration from a host that is not allowed',
    text: `Nothing is asked of ${host} before it is approved. Dropped on ${day(expiresAt)} if nobody decides.`,
  }),
  uninstalled: ({ invalidSince }) => ({
    title: 'Most likely uninstalled',
    text: `The vendor has not known this practice's client since ${day(invalidSince)}. Approve to withdraw it.`,
  }),
  deletions: ({ resource, count: many, since }) => ({
    title: 'More deletions than are plausible',
    text: `${count(many, 'record')} of ${resource} are gone at the vendor since ${day(since)}. None is deleted before it is approved; rejected ones stay.`,
  }),
};

/** Words for a hold; a kind that this page does not know yet is shown by its name. */
export function holdWords(kind, facts) {
  return HOLDS[kind]?.(facts) ?? { title: String(kind), text: 'See GET /holds for what it is about.' };
}

/** The completeness of one resource in words. */
export function completenessWords(completeness) {
  if (!completeness) return 'not compared yet';
  const { atVendor, here, unsettled, differences } = completeness;
  const changing = unsettled > 0 ? `, ${number.format(unsettled)} changed meanwhile` : '';
  const counts = `${number.format(atVendor)} at the vendor, ${number.format(here)} here${changing}`;
  return differences === 0 ? `equal: ${counts}` : `${count(differences, 'difference')}: ${counts}`;
}

function count(value, word) {
  return `${number.format(value ?? 0)} ${word}${value === 1 ? '' : 's'}`;
}

function day(instant) {
  return String(instant ?? '?').slice(0, 10);
}

export function stateWords(state) {
  return STATES[state] ?? { word: String(state), sign: '?', tone: 'idle' };
}

export function phaseWords(phase) {
  return PHASES[phase] ?? { sign: '?', tone: 'idle' };
}

/** A reason in words; one that this page does not know yet is shown as it is. */
export function reasonWords(reason) {
  if (reason === null) return '';
  const missing = /^scope-missing: (.+)$/.exec(String(reason))?.[1];
  if (missing !== undefined) return `the vendor has not granted ${missing.split(' ').join(', ')}`;
  const version = /^version-too-old: (.+)$/.exec(String(reason))?.[1];
  if (version !== undefined) return `its EXACT is too old: it takes ${version}`;
  return REASONS[reason] ?? String(reason);
}

/** When a sleeping practice is expected, in the reader's own time. */
export function expectedWords(presence) {
  if (!presence?.expectedAt) return '';
  const when = new Date(presence.expectedAt);
  return `expected ${when.toLocaleString('en', { weekday: 'short', hour: '2-digit', minute: '2-digit' })}`;
}

/** How far a first reading has come. */
export function backfillWords(backfill) {
  if (!backfill) return '';
  if (!backfill.total) return ` ${backfill.done}`;
  return ` ${Math.min(100, Math.floor((100 * backfill.done) / backfill.total))} %`;
}

export function ageWords(seconds) {
  const age = Math.max(0, Math.round(seconds));
  if (age < 60) return `${age} s ago`;
  if (age < 3600) return `${Math.floor(age / 60)} min ago`;
  if (age < 86_400) return `${Math.floor(age / 3600)} h ago`;
  return `${Math.floor(age / 86_400)} d ago`;
}

export const number = new Intl.NumberFormat('en');
