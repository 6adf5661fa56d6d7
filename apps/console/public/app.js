// The operator's page: signs in, lists the practices, and keeps what it shows up to date.
import * as api from './api.js';
import { fillHolds } from './holds.js';
import { followChanges } from './live.js';
import { createRow, fillFreshness, fillRow } from './rows.js';
import { STATES, number } from './words.js';

const PAGE_SIZE = 100;
const SEARCH_PAUSE_MS = 250;
const MOST_HOLDS = 50;
/** Holds come from the registry alone, which tells of none by itself. */
const HOLDS_MS = 15_000;
const CONNECTION_WORDS = { on: 'Live', lost: 'Connection lost, trying again', off: '' };

const by = (id) => document.getElementById(id);
const show = (id, visible) => {
  by(id).hidden = !visible;
};

const shown = new Map();
let nextCursor = null;
let skew = 0;
let live = null;
/** Answers to an older question than the newest are dropped. */
let question = 0;

function filter() {
  return { q: by('search').value.trim(), state: by('state-filter').value };
}

function takeClock(now) {
  if (now) skew = Date.parse(now) - Date.now();
}

function showError(failure) {
  if (failure.status === 401) return signedOut('Please sign in again: the session has ended.');
  by('error-text').textContent = failure.message;
  show('error', true);
  show('loading', false);
}

function showTotals(totals) {
  const entries = Object.entries(STATES)
    .filter(([state]) => totals.states[state] || state === 'active' || state === 'suspended')
    .map(([state, { word }]) => [word, totals.states[state] ?? 0, `total-state-${state}`, state === 'suspended']);
  entries.push(['Missed', totals.missed, 'total-missed', totals.missed > totals.healed]);
  entries.push(['Healed', totals.healed, 'total-healed', false]);
  const boxes = entries.map(([word, count, testid, alarming]) => {
    const box = document.createElement('div');
    const term = document.createElement('dt');
    const value = document.createElement('dd');
    term.textContent = word;
    value.textContent = number.format(count);
    value.dataset.testid = testid;
    if (alarming && count > 0) box.className = 'alarm';
    box.append(term, value);
    return box;
  });
  by('totals').replaceChildren(...boxes);
}

function showEmpty() {
  const { q, state } = filter();
  const empty = shown.size === 0;
  show('empty', empty);
  show('table-frame', !empty);
  by('empty').textContent =
    q || state
      ? 'No practice matches. Clear the search or choose another state.'
      : 'No practice has joined yet. Hand the hookup URL to Provet (npm run hookup-url), or wait for the first EXACT subscription; they appear here by themselves.';
}

function putRow(tenant) {
  let made = shown.get(tenant.tenantId);
  if (!made) {
    made = createRow();
    shown.set(tenant.tenantId, made);
    by('rows').append(made.row);
  }
  fillRow(made, tenant);
  fillFreshness(made, skew);
}

/** Reads the list anew: as many rows as are shown now, or the next page behind them. */
async function load({ more = false } = {}) {
  const mine = ++question;
  if (!more && shown.size === 0) show('loading', true);
  const limit = more ? PAGE_SIZE : Math.min(500, Math.max(PAGE_SIZE, shown.size));
  let page;
  try {
    page = await api.tenants({ ...filter(), limit, cursor: more ? nextCursor : null });
  } catch (failure) {
    if (mine === question) showError(failure);
    return;
  }
  if (mine !== question) return;
  takeClock(page.now);
  show('error', false);
  show('loading', false);
  const before = new Set(more ? [] : shown.keys());
  for (const tenant of page.items) {
    putRow(tenant);
    before.delete(tenant.tenantId);
    // In the order of the list, also those that were shown before.
    by('rows').append(shown.get(tenant.tenantId).row);
  }
  for (const gone of before) {
    shown.get(gone).row.remove();
    shown.delete(gone);
  }
  nextCursor = page.nextCursor;
  show('load-more', nextCursor !== null);
  showTotals(page.totals);
  showEmpty();
}

/** Reads what waits for a person. A failure leaves what is shown: the list of practices says what is wrong. */
async function loadHolds() {
  try {
    const page = await api.holds(MOST_HOLDS);
    if (live === null) return;
    const [section, list, more] = ['holds-section', 'holds', 'holds-more'].map(by);
    fillHolds({ section, list, more }, page, Date.now() + skew);
  } catch (failure) {
    if (failure.status === 401) showError(failure);
  }
}

function takeChange(change) {
  takeClock(change.now);
  showTotals(change.totals);
  const unknown = change.rows.some((tenant) => !shown.has(tenant.tenantId));
  const filtered = change.rows.some(
    (tenant) => shown.has(tenant.tenantId) && shown.get(tenant.tenantId).tenant.state !== tenant.state,
  );
  for (const tenant of change.rows) if (shown.has(tenant.tenantId)) putRow(tenant);
  // A new practice, or one whose state no longer fits the filter: only the registry knows where it belongs.
  if ((unknown && (nextCursor === null || shown.size < PAGE_SIZE)) || (filtered && filter().state)) reloadSoon();
}

let reloading = null;
function reloadSoon() {
  reloading ??= setTimeout(() => {
    reloading = null;
    void load();
  }, 1000);
}

function signedIn() {
  show('signin', false);
  show('overview', true);
  show('sign-out', true);
  live ??= followChanges({
    onChange: takeChange,
    onPoll: () => load(),
    onState: (state) => {
      by('connection').dataset.live = state;
      by('connection').textContent = CONNECTION_WORDS[state];
    },
  });
  void loadHolds();
}

function signedOut(message) {
  live?.stop();
  live = null;
  question++;
  shown.clear();
  by('rows').replaceChildren();
  by('holds').replaceChildren();
  for (const id of ['overview', 'sign-out', 'error', 'loading', 'holds-section']) show(id, false);
  show('signin', true);
  by('signin-error').textContent = message;
  by('signin-token').focus();
}

async function signIn(token) {
  const button = document.querySelector('#signin-form button');
  button.disabled = true;
  by('signin-error').textContent = '';
  try {
    await api.signIn(token);
    by('signin-token').value = '';
    signedIn();
    by('main').focus();
    await load();
  } catch (failure) {
    signedOut(
      failure.status === 401
        ? 'This token is not known, or it has expired. Check it, or ask for a new one.'
        : failure.message,
    );
  } finally {
    button.disabled = false;
  }
}

/** A link that signs in carries the token behind the #: it never leaves the browser in an address, and goes at once. */
function tokenOfAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

function listen() {
  by('signin-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void signIn(by('signin-token').value.trim());
  });
  by('sign-out').addEventListener('click', () => {
    // Also when the server cannot be told: the page forgets what it shows.
    void api
      .signOut()
      .catch(() => {})
      .then(() => signedOut(''));
  });
  by('retry').addEventListener('click', () => void load());
  by('load-more').addEventListener('click', () => void load({ more: true }));
  by('filter').addEventListener('submit', (event) => event.preventDefault());
  let pause;
  by('filter').addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => void load(), SEARCH_PAUSE_MS);
  });
  window.addEventListener('hashchange', () => {
    const token = tokenOfAddress();
    if (token) void signIn(token);
  });
  setInterval(() => {
    for (const made of shown.values()) fillFreshness(made, skew);
  }, 1000);
  setInterval(() => {
    if (live !== null) void loadHolds();
  }, HOLDS_MS);
}

async function begin() {
  for (const [state, { word }] of Object.entries(STATES)) by('state-filter').append(new Option(word, state));
  listen();
  const token = tokenOfAddress();
  if (token) return signIn(token);
  try {
    if (!(await api.isSignedIn())) return signedOut('');
  } catch (failure) {
    return signedOut(failure.message);
  }
  signedIn();
  await load();
}

await begin();
