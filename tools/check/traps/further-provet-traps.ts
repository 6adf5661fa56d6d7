import type { Trap, TrapTest } from './trap.ts';

const sync = 'apps/provet-sync/src';
const engine = 'libs/sync-engine/src';
const http = 'libs/http-client/src';
const twins = 'libs/vendor-twins/src/provet';

const test = (file: string, name: string): TrapTest => ({ file, name });

const still = test(`${sync}/calls/provet-calls.spec.ts`, 'keeps still for as long as a 429 says');
const filterTime = test(
  `${sync}/passes/pass-query.spec.ts`,
  'asks for changes with a whole minute in UTC and an encoded plus',
);
const bound = test(`${sync}/passes/read-page.spec.ts`, 'holds every row of a changed pass against the bound');
const parts = test(
  `${engine}/core/parts.spec.ts`,
  'are read again: those that it lists and those that it listed before, each once',
);
const byId = test(
  `${sync}/passes/pass-query.spec.ts`,
  'reads everything in the order of ids, from behind the last one',
);
const idOfRecord = test(`${sync}/records/fetch-record.spec.ts`, 'the id of a record');
const asSpelt = test(`${sync}/records/fetch-record.spec.ts`, 'hands on the text as the vendor spelt it');
const inEvent = test(`${engine}/core/record-version.spec.ts`, 'carries the record as the vendor spelt it');
const writesNothing = test(`${sync}/writes-nothing.spec.ts`, 'reads records, and writes nothing but webhooks');
const toPeople = test(
  `${sync}/webhooks/prepare-webhooks.spec.ts`,
  'leaves the tenant to people after %s, and tries again at the pace of the checks',
);
const sameContent = test(`${engine}/core/record-decision.spec.ts`, 'makes no version of the same content');
const present = test(
  `${sync}/webhooks/prepare-webhooks.spec.ts`,
  'makes none that is there, in whichever encoding, and leaves others alone',
);
const nextLink = test(
  `${sync}/passes/read-page.spec.ts`,
  'gives rows as spelt, the total, and the place behind its last row, never the vendor’s link',
);
const allowList = test(`${http}/host-allow-list.spec.ts`, '%j allows %s: %s');
const listForm = test(
  `${engine}/core/plan-page.spec.ts`,
  'takes the row for the record once the list form was learnt to be complete',
);

/** Traps 16 to 30. */
export const FURTHER_PROVET_TRAPS: readonly Trap[] = [
  {
    number: 16,
    trap: 'Ignoring `Retry-After`',
    handled: 'A 429 closes that budget for as long as it says; no failure is counted',
    twin: '`limitOverrides`; a fault `{status: 429, headers: {retry-after}}`',
    tests: [
      still,
      test(`${http}/window-budget.spec.ts`, 'is quiet for as long as the vendor asks, then begins without a burst'),
    ],
    disabled: [
      {
        file: `${sync}/calls/provet-calls.ts`,
        find: "if (answer.kind === 'throttled') {",
        replace: "if (answer.kind === 'throttled' && !answer) {",
        without: 'what a 429 says',
        fails: still,
      },
    ],
  },
  {
    number: 17,
    trap: 'An unencoded `+` in filter dates; naive times; comparing times of several zones as text',
    handled: 'Bounds are whole minutes in UTC with an encoded offset; times of rows are compared as instants',
    twin: '`offsetMinutes`; always: `Z` and offsets in one object, naive bounds in the tenant’s zone, a bare `+` is 400',
    tests: [
      filterTime,
      bound,
      test(`${twins}/list.spec.ts`, "take the vendor's date forms; an unencoded plus makes the value unreadable"),
      test(`${twins}/list.spec.ts`, 'order by time of change as instants, whatever offset they are written in'),
    ],
    disabled: [
      {
        file: `${sync}/passes/pass-query.ts`,
        find: 'return encodeURIComponent(`${iso.slice(0, 10)} ${iso.slice(11, 16)}+00:00`);',
        replace: 'return `${iso.slice(0, 10)} ${iso.slice(11, 16)}+00:00`;',
        without: 'the encoding of the plus',
        fails: filterTime,
      },
      {
        file: `${sync}/passes/page-rows.ts`,
        find: 'const time = Date.parse(value);',
        replace: 'const time = Date.parse(value.slice(0, 19));',
        without: 'the zones of rows',
        fails: bound,
      },
    ],
  },
  {
    number: 18,
    trap: 'Unknown filters are ignored: the whole collection comes back',
    handled: 'Every row is held against what was asked for; then the resource is read newest first, or whole',
    twin: '`ignoredFilters`',
    tests: [
      bound,
      test(`${sync}/provet.connector.spec.ts`, 'notices that a filter is ignored, and reads newest first instead'),
    ],
    disabled: [
      {
        file: `${sync}/passes/read-page.ts`,
        find: 'if (belowBound ||',
        replace: 'if ((belowBound && false) ||',
        without: 'the look at every row',
        fails: bound,
      },
    ],
  },
  {
    number: 19,
    trap: '`modified__gte` on children misses lines whose parent changed',
    handled: 'A parent’s new version has its parts read again: those it lists, and those it listed before',
    twin: 'parents that list their parts: `put` of an invoice without a change of its rows',
    tests: [parts, test(`${sync}/catalogue/parts-of.spec.ts`, 'are those that it lists, by address or embedded')],
    disabled: [
      {
        file: `${sync}/catalogue/parts-of.ts`,
        find: 'return listed.length === 0 ?',
        replace: 'return listed.length >= 0 ?',
        without: 'the parts of a record',
        fails: test(`${sync}/catalogue/parts-of.spec.ts`, 'are those that it lists, by address or embedded'),
      },
    ],
  },
  {
    number: 20,
    trap: 'Offsets above 10,000; paging without a stable order',
    handled:
      'Pages are asked for in the order of ids, from behind the last one; never by offset while ids can be filtered',
    twin: 'always: `id__gt`, `ordering`; records appear and vanish between pages',
    tests: [
      byId,
      test(`${sync}/passes/read-page.spec.ts`, 'is not what was asked for when %s'),
      test(`${twins}/list.spec.ts`, 'can be paged by key although records appear and disappear'),
    ],
    disabled: [
      {
        file: `${sync}/passes/pass-query.ts`,
        find: 'return `${filter}ordering=id&${after}${size}`;',
        replace: 'return `${filter}${after}${size}`;',
        without: 'the order',
        fails: byId,
      },
    ],
  },
  {
    number: 21,
    trap: 'Taking list members for complete; assuming `id`; building URLs instead of using `url`',
    handled:
      'Whether the list form is complete is learnt; an id is the last segment of `url`; what a row does not show is fetched',
    twin: '`listForm`; always: invoices have no `id` in lists',
    tests: [
      idOfRecord,
      listForm,
      test(
        `${engine}/passes/passes.int-spec.ts`,
        'learns that the list form is not complete and publishes the detail form',
      ),
      test('test/provet-journey.e2e-spec.ts', 'delivers members that the list form lacks'),
    ],
    disabled: [
      {
        file: `${sync}/records/record-id.ts`,
        find: 'if (fromUrl !== null) return fromUrl;',
        replace: '',
        without: 'the id in `url`',
        fails: idOfRecord,
      },
    ],
  },
  {
    number: 22,
    trap: 'Reading status numbers as an order',
    handled: 'The relay reads no status: the record goes on as it came',
    twin: 'always: consultations go 0 → 8 → 5 → 6 …',
    tests: [inEvent, asSpelt],
    disabled: [
      {
        file: `${sync}/records/fetch-record.ts`,
        find: "return { kind: 'found', text: answer.text,",
        replace: "return { kind: 'found', text: JSON.stringify(record),",
        without: 'the vendor’s own text',
        fails: asSpelt,
      },
    ],
  },
  {
    number: 23,
    trap: 'Text for species and gender, a missing `patients: []`, empty strings in writes',
    handled: 'The relay writes no records',
    twin: 'always: such writes are answered 400',
    tests: [
      writesNothing,
      test(`${twins}/rest.spec.ts`, "answers in the framework's forms: 401, 404, 405, 400 as list and as plain text"),
    ],
    disabled: [
      {
        file: `${sync}/records/fetch-record.ts`,
        find: "method: 'GET',",
        replace: "method: 'PATCH',",
        without: 'reading alone',
        fails: writesNothing,
      },
    ],
  },
  {
    number: 24,
    trap: 'Recomputing `sum_total`; inferring credit notes from the sign; dropping negative rows',
    handled: 'Numbers go on as they are spelt; nothing is computed or left out',
    twin: 'always: negative and voided invoices, credit notes with positive totals, floats that keep their point',
    tests: [
      inEvent,
      asSpelt,
      test(`${engine}/core/exact-json.spec.ts`, 'are written as the vendor spelt them'),
      test(`${twins}/rest.spec.ts`, 'spells floats with their point and times both ways'),
    ],
    disabled: [
      {
        file: `${sync}/records/fetch-record.ts`,
        find: "return { kind: 'found', text: answer.text,",
        replace: "return { kind: 'found', text: JSON.stringify(record),",
        without: 'the spelling of numbers',
        fails: asSpelt,
      },
    ],
  },
  {
    number: 25,
    trap: 'Creating invoices by POST; paying one whose status is not 3',
    handled: 'The relay writes no records',
    twin: 'always: POST of an invoice is 405',
    tests: [writesNothing],
    disabled: [
      {
        file: `${sync}/passes/read-page.ts`,
        find: "method: 'GET',",
        replace: "method: 'POST',",
        without: 'reading alone',
        fails: writesNothing,
      },
    ],
  },
  {
    number: 26,
    trap: '403 on `/item/`, `/settings/*`, `/hook/*` under the default group',
    handled:
      'That resource is `forbidden` and asked again; without hooks the tenant is reconciled, and people are told what to do',
    twin: '`forbid: ["hooks"]`, any permission or resource',
    tests: [
      toPeople,
      test(`${sync}/provet.connector.spec.ts`, 'are left to people where they may not be made'),
      test(
        `${engine}/records/faults.int-spec.ts`,
        'stops asking for a forbidden resource and finds out by itself that it is allowed again',
      ),
    ],
    disabled: [
      {
        file: `${sync}/webhooks/webhook-calls.ts`,
        find: "if (answer.kind === 'forbidden') return",
        replace: "if (answer.kind === 'forbidden' && !answer) return",
        without: 'the difference between forbidden and failed',
        fails: toPeople,
      },
    ],
  },
  {
    number: 27,
    trap: 'Echo loops from own writes',
    handled: 'The relay writes no records; a notice whose record has not changed makes no event',
    twin: '`by=api`; a webhook without a change',
    tests: [sameContent, writesNothing],
    disabled: [
      {
        file: `${engine}/core/record-decision.ts`,
        find: "if (row.hash === sighting.hash) return { kind: 'unchanged' };",
        replace: '',
        without: 'the comparison with the mirror',
        fails: sameContent,
      },
    ],
  },
  {
    number: 28,
    trap: 'Blind repetition of a POST',
    handled: 'The only POST makes a webhook, and every try lists what is there first',
    twin: 'a fault with `after: true`: it takes effect, its answer is lost',
    tests: [present, test(`${sync}/webhooks/prepare-webhooks.spec.ts`, 'comes again after %s')],
    disabled: [
      {
        file: `${sync}/webhooks/prepare-webhooks.ts`,
        find: "standing.get(hook) !== 'current'",
        replace: 'standing.get(hook) !== null',
        without: 'the look at what is there',
        fails: present,
      },
    ],
  },
  {
    number: 29,
    trap: 'Assumptions about enums and ids that an additive change breaks',
    handled: 'Ids are text of any length; unknown members and values go on as they came',
    twin: '`put` with any members and values',
    tests: [
      idOfRecord,
      inEvent,
      test(`${sync}/passes/read-page.spec.ts`, 'is by value for numbers of any length, by text for others'),
    ],
    disabled: [
      {
        file: `${sync}/records/record-id.ts`,
        find: '[^/\\\\\\s\\p{Cc}\\p{Cs}]{1,256}$/u;',
        replace: '\\d{1,9}$/u;',
        without: 'ids that are no small numbers',
        fails: idOfRecord,
      },
    ],
  },
  {
    number: 30,
    trap: 'Following `next` or a relation to another host with the token',
    handled:
      'No address of an answer is called: positions are made from ids, hosts are on a list, redirects are not followed',
    twin: 'always: absolute `next`; a fault `{status: 301, headers: {location}}`',
    tests: [
      nextLink,
      allowList,
      test(`${http}/outgoing-http.int-spec.ts`, 'that are redirects are not followed'),
      test(`${http}/outgoing-http.int-spec.ts`, 'that are not listed, not https, or hold a user name are never called'),
    ],
    disabled: [
      {
        file: `${sync}/passes/read-page.ts`,
        find: "writePosition({ by: 'id', after: last.recordId })",
        replace: "String(page.hasNext && 'https://evil.example/')",
        without: 'positions of our own',
        fails: nextLink,
      },
      {
        file: `${http}/host-allow-list.ts`,
        find: 'return !matching.some((entry) => entry.excludes) && matching.some(suits);',
        replace: 'return matching.length >= 0 || suits !== null;',
        without: 'the list of hosts',
        fails: allowList,
      },
    ],
  },
];
