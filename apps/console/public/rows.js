// The table of practices. Names and ids come from vendors and are hostile: they reach the page as text nodes only.
import {
  ageWords,
  backfillWords,
  completenessWords,
  expectedWords,
  number,
  phaseWords,
  reasonWords,
  stateWords,
} from './words.js';

function element(tag, { text, className, testid, label, title } = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  if (testid) made.dataset.testid = testid;
  if (label) made.dataset.label = label;
  if (title) made.title = title;
  return made;
}

function badge(sign, word, tone) {
  const made = element('span', { className: 'badge' });
  made.dataset.tone = tone;
  const mark = element('span', { text: `${sign} ` });
  mark.setAttribute('aria-hidden', 'true');
  made.append(mark, word);
  return made;
}

/** One row a practice; `fill` brings it up to date in place, so that focus and selection survive. */
export function createRow() {
  // The roles are named because the narrow layout takes the table's own away from these elements.
  const row = element('tr', { testid: 'tenant-row' });
  row.setAttribute('role', 'row');
  const head = element('th');
  head.scope = 'row';
  head.setAttribute('role', 'rowheader');
  const cells = {
    name: element('span', { className: 'name', testid: 'tenant-name' }),
    id: element('span', { className: 'under', testid: 'tenant-id' }),
    state: element('td', { testid: 'tenant-state', label: 'State' }),
    phases: element('td', { testid: 'tenant-phases', label: 'Data' }),
    freshness: element('td', { className: 'freshness', testid: 'tenant-freshness', label: 'Freshness' }),
    missed: element('td', { className: 'number', testid: 'tenant-missed', label: 'Missed' }),
    healed: element('td', { className: 'number', testid: 'tenant-healed', label: 'Healed' }),
  };
  // Kept over all changes, so that what somebody has opened stays open.
  const list = element('div');
  const details = element('details', { className: 'resources', testid: 'tenant-resources' });
  const summary = element('summary', { testid: 'tenant-completeness' });
  const lines = element('ul');
  details.append(summary, lines);
  details.hidden = true;
  const data = element('div');
  data.append(list, details);
  cells.phases.append(data);
  head.append(cells.name, cells.id);
  for (const cell of [cells.state, cells.phases, cells.freshness, cells.missed, cells.healed])
    cell.setAttribute('role', 'cell');
  row.append(head, cells.state, cells.phases, cells.freshness, cells.missed, cells.healed);
  return { row, cells, data: { list, details, summary, lines }, tenant: null };
}

export function fillRow(made, tenant) {
  const { row, cells } = made;
  row.dataset.tenantId = tenant.tenantId;
  cells.name.textContent = tenant.displayName || tenant.externalId || tenant.tenantId;
  cells.id.textContent = tenant.displayName || tenant.externalId ? tenant.tenantId : '';
  fillState(cells.state, tenant);
  fillPhases(made.data.list, tenant);
  fillResources(made.data, tenant.sync?.resources ?? []);
  fillNumber(cells.missed, tenant.sync?.missed, made.tenant?.sync?.missed);
  fillNumber(cells.healed, tenant.sync?.healed, made.tenant?.sync?.healed);
  made.tenant = tenant;
}

/** The ages run on between two messages of the server. `skew` = the server's clock minus ours, in ms. */
export function fillFreshness(made, skew) {
  const { sync, state } = made.tenant;
  const now = Date.now() + skew;
  const age = (instant) => ageWords((now - Date.parse(instant)) / 1000);
  const cell = made.cells.freshness;
  const complete = sync?.completeAsOf ? `complete as of ${age(sync.completeAsOf)}` : '';
  const checked = sync?.lastCheckedAt ? `checked ${age(sync.lastCheckedAt)}` : '';
  const text = complete || checked || (state === 'active' ? 'not checked yet' : '–');
  if (cell.textContent !== text) cell.textContent = text;
  cell.title = [complete, checked].filter(Boolean).join(', ');
}

function fillState(cell, tenant) {
  const { word, sign, tone } = stateWords(tenant.state);
  const parts = [badge(sign, word, tone)];
  if (tenant.reason) parts.push(element('span', { className: 'under', text: reasonWords(tenant.reason) }));
  const box = element('div');
  box.append(...parts);
  cell.dataset.state = tenant.state;
  cell.replaceChildren(box);
}

function fillPhases(cell, tenant) {
  const resources = tenant.sync?.resources ?? [];
  if (resources.length === 0) {
    cell.replaceChildren(
      element('span', { className: 'under', text: tenant.state === 'active' ? 'not started yet' : '–' }),
    );
    return;
  }
  const list = element('ul', { className: 'phases' });
  for (const one of resources) {
    // A practice that sleeps as usual is nothing to look after.
    const isUsual = one.phase === 'offline' && one.presence?.standing === 'sleeping';
    const { sign, tone } = isUsual ? { sign: '☾', tone: 'idle' } : phaseWords(one.phase);
    const item = element('li', { testid: `phase-${one.resource}` });
    item.dataset.phase = one.phase;
    item.append(
      badge(sign, `${one.resource} ${one.phase}${one.phase === 'backfill' ? backfillWords(one.backfill) : ''}`, tone),
    );
    const notes = [
      reasonWords(one.reason),
      expectedWords(one.presence),
      one.parked ? `${one.parked} parked` : '',
      one.breaker === 'closed' ? '' : `breaker ${one.breaker}`,
    ];
    item.title = notes.filter(Boolean).join(', ');
    list.append(item);
  }
  cell.replaceChildren(list);
}

/** How each resource stands, and how it compares with the vendor. */
function fillResources({ details, summary, lines }, resources) {
  details.hidden = resources.length === 0;
  const compared = resources.filter(({ completeness }) => completeness);
  const different = compared.filter(({ completeness }) => completeness.differences > 0);
  summary.dataset.equal = compared.length === 0 ? 'unknown' : String(different.length === 0);
  summary.textContent =
    compared.length === 0
      ? 'not compared with the vendor yet'
      : `compared ${compared.length} of ${resources.length}, ${different.length === 0 ? 'all equal' : `${different.length} different`}`;
  lines.replaceChildren(...resources.map(resourceLine));
}

function resourceLine({ resource, phase, reason, completeness }) {
  const line = element('li', { testid: `completeness-${resource}` });
  line.dataset.differences = completeness ? String(completeness.differences) : '';
  line.append(element('strong', { text: resource }), ` ${phase}, ${completenessWords(completeness)}`);
  if (reason) line.append(element('span', { className: 'under', text: reasonWords(reason) }));
  if (completeness?.named.length)
    line.append(element('span', { className: 'under', text: `first: ${completeness.named.join(', ')}` }));
  return line;
}

function fillNumber(cell, value, before) {
  const text = value === undefined || value === null ? '–' : number.format(value);
  if (cell.textContent === text) return;
  cell.textContent = text;
  if (before !== undefined && before !== value) {
    // Taken off and put on again, so that a second change shows as well.
    cell.classList.remove('flash');
    void cell.offsetWidth;
    cell.classList.add('flash');
  }
}
