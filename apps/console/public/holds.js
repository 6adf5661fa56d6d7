// What waits for a person. All texts come from outside and are hostile: they reach the page as text nodes only.
import { ageWords, holdWords } from './words.js';

/** Shows the open holds; nothing where there are none. `now` is the server's clock, in ms. */
export function fillHolds({ section, list, more }, { items, nextCursor }, now) {
  section.hidden = items.length === 0;
  more.hidden = nextCursor === null;
  list.replaceChildren(...items.map((hold) => itemOf(hold, now)));
}

function itemOf({ holdId, kind, subject, facts, raisedAt }, now) {
  const item = document.createElement('li');
  item.dataset.testid = 'hold';
  item.dataset.kind = kind;
  item.dataset.holdId = holdId;
  const { title, text } = holdWords(kind, facts);
  const head = line('span', 'name', title);
  head.dataset.testid = 'hold-title';
  const about = line('span', 'hold-subject', subject ?? 'no practice yet');
  about.dataset.testid = 'hold-subject';
  const words = line('span', 'hold-text', text);
  words.dataset.testid = 'hold-text';
  const age = line('span', 'under', `${holdId} · raised ${ageWords((now - Date.parse(raisedAt)) / 1000)}`);
  item.append(head, about, words, age);
  return item;
}

function line(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
