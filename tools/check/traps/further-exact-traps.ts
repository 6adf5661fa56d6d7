import type { Trap, TrapTest } from './trap.ts';

const sync = 'apps/exact-sync/src';
const engine = 'libs/sync-engine/src';
const registry = 'apps/tenant-registry/src';

const test = (file: string, name: string): TrapTest => ({ file, name });

const outOfWindow = test(
  `${sync}/changes.model.spec.ts`,
  'that remove an appointment for good are tombstones, near and far',
);
const openValues = test(`${sync}/endpoints.model.spec.ts`, 'keep values that nobody knows');
const oneSpelling = test(`${sync}/endpoints.model.spec.ts`, 'are one record in whatever spelling their GUID comes');
const gates = test(
  `${sync}/versions/versions.spec.ts`,
  'is named with the version that it takes, and asked for as soon as it has that',
);
const versionOrder = test(`${sync}/versions/versions.spec.ts`, '%s is older than %s: %s');
const providers = test(
  `${sync}/endpoints.model.spec.ts`,
  'keep all providers of an appointment and the chain of its family',
);
const wholeList = test(`${sync}/subscriptions/subscription-list.spec.ts`, 'is not half of it');
const massLoss = test(
  `${registry}/subscriptions/compare-listing.spec.ts`,
  'lets two leave at once, and holds at three',
);
const halves = test(`${sync}/passes/exact-passes.spec.ts`, 'reads in halves what the practice cannot answer at once');
const ownPlace = test(
  `${engine}/core/pass-schedule.spec.ts`,
  'starts steady passes at the tenant’s own place in the period, whenever the last began',
);
const consent = test(
  `${sync}/endpoints.model.spec.ts`,
  'hand on a consent as it was given, and show at once that it was taken back',
);
const cloudAnswers = test(
  `${sync}/sleeping.model.spec.ts`,
  'is not taken to be there because the cloud answers for its details',
);

/** Traps 13 to 23 of the vendor's reference, §10. */
export const FURTHER_EXACT_TRAPS: readonly Trap[] = [
  {
    number: 13,
    trap: 'Expecting webhooks or a change feed; missing cancellations because only future `Pending` ones are polled',
    handled:
      'Sliding windows of past and future days without a filter of status, compared by hash and `lastUpdatedDate`; what a window no longer shows is asked for by its id',
    twin: 'always: nothing is announced; lists take `status`, which the relay never sends',
    tests: [
      outOfWindow,
      test(
        `${sync}/changes.model.spec.ts`,
        'of near appointments are found within two polls: changed, cancelled, booked',
      ),
      test(`${sync}/changes.model.spec.ts`, 'are followed by id when they lead out of a window: nothing is deleted'),
      test(`${sync}/passes/windows.spec.ts`, 'cover all the rest without a gap, and touch the near ones'),
    ],
    disabled: [
      {
        file: `${sync}/catalogue/resource-specs.ts`,
        find: "cause: 'poll', provesAbsence: true, firstReading: true",
        replace: "cause: 'poll', provesAbsence: false, firstReading: true",
        without: 'the question after what a window no longer shows',
        fails: outOfWindow,
      },
    ],
  },
  {
    number: 14,
    trap: 'Closed enums (status, payor type, country-specific values)',
    handled: 'A record is handed on as the text that came; no value of it is compared with a list',
    twin: '`state.statusNames = "old"`; `put` takes any value',
    tests: [openValues, test(`${sync}/passes/exact-passes.spec.ts`, 'keeps the row’s own text')],
    disabled: [
      {
        file: `${sync}/passes/page-rows.ts`,
        find: 'rows.push({ recordId, text: texts[index] as string });',
        replace: 'rows.push({ recordId, text: (texts[index] as string).replace(\'"Teleported"\', \'"Unset"\') });',
        without: 'values that are not known',
        fails: openValues,
      },
    ],
  },
  {
    number: 15,
    trap: 'Global uniqueness of GUIDs; case-sensitive comparison; strict UUID version validation',
    handled:
      'A record’s key is practice and id, the id in lower case, any text that can stand in a key; practices are told apart by case',
    twin: 'always: mixed spellings, the same GUIDs in two practices; `listSpelling`',
    tests: [
      oneSpelling,
      test(`${sync}/endpoints.model.spec.ts`, 'of practices that are spelt alike but for their case are never mixed'),
      test(
        `${sync}/passes/exact-passes.spec.ts`,
        'is found under its id in lower case, spelt as the practice spells it',
      ),
      test(
        'libs/vendor-twins/src/exact/exact.spec.ts',
        'are found in any case, have mixed spellings, and share ids between practices',
      ),
    ],
    disabled: [
      {
        file: `${sync}/records/exact-record.ts`,
        find: 'usable.test(id) ? id.toLowerCase() : null;',
        replace: 'usable.test(id) ? id : null;',
        without: 'one spelling of an id',
        fails: oneSpelling,
      },
    ],
  },
  {
    number: 16,
    trap: 'Calling an endpoint newer than the practice’s EXACT',
    handled:
      'The least version of each resource is data; what a practice lacks is shown and not called, until an update opens it',
    twin: '`setVersion`; an endpoint that is newer is answered 501',
    tests: [
      gates,
      test(
        `${sync}/versions/versions.spec.ts`,
        'is also what it has answered 501 to, until its version is another one',
      ),
      test(`${sync}/sleeping.model.spec.ts`, 'shows what it lacks, and is read as soon as it is updated'),
    ],
    disabled: [
      {
        file: `${sync}/versions/version-gates.ts`,
        find: 'if (version !== null && isOlder(version, minimum)) return',
        replace: "if (version === '' && isOlder(version, minimum)) return",
        without: 'the look at the least version',
        fails: gates,
      },
    ],
  },
  {
    number: 17,
    trap: 'Text comparison of versions',
    handled: 'Part by part, as numbers: 13.9 is older than 13.842',
    twin: '`setVersion` with any text',
    tests: [versionOrder, test(`${sync}/versions/versions.spec.ts`, 'are in one order, whatever they are')],
    disabled: [
      {
        file: `${sync}/versions/exact-version.ts`,
        find: 'const difference = (first[index] ?? 0) - (second[index] ?? 0);',
        replace: 'const difference = String(first[index] ?? 0).localeCompare(String(second[index] ?? 0));',
        without: 'numbers',
        fails: versionOrder,
      },
    ],
  },
  {
    number: 18,
    trap: 'Assuming one provider per appointment, or ignoring family chains (`nextFamilyAppointmentId`)',
    handled: 'The whole record is handed on as it came: every provider, every link; any change of it is a version',
    twin: 'always: one appointment in five has two providers; `put` sets chains',
    tests: [providers],
    disabled: [
      {
        file: `${sync}/records/fetch-record.ts`,
        find: "return { kind: 'found', text: answer.text,",
        replace: "return { kind: 'found', text: answer.text.replace(/(\"providers\":\\[\\{[^}]*\\}),[^\\]]*/, '$1'),",
        without: 'the providers after the first',
        fails: providers,
      },
    ],
  },
  {
    number: 19,
    trap: 'Offboarding on a failed subscription call',
    handled:
      'Only a whole answer is published, a failure nothing; a practice is withdrawn when two listings lack it, and many at once wait for a person',
    twin: 'faults on `/Subscriptions/active`, also of a later page; `subscribed = false`',
    tests: [
      wholeList,
      massLoss,
      test(`${sync}/subscriptions/subscription-duty.spec.ts`, 'publishes nothing after a failure, and goes on'),
      test('test/exact-journey.e2e-spec.ts', 'changes nobody when the list is suddenly empty, and opens one hold'),
    ],
    disabled: [
      {
        file: `${sync}/subscriptions/subscription-list.ts`,
        find: "if (answer.kind !== 'success') return failureOf(answer, token);",
        replace:
          "if (answer.kind !== 'success') return token === null ? failureOf(answer, token) : { kind: 'listed', practiceIds: [...practiceIds], observedAt };",
        without: 'the whole of a list',
        fails: wholeList,
      },
    ],
  },
  {
    number: 20,
    trap: 'Long windows that time out at the practice (504): split and continue',
    handled:
      'A window that ends in 504 while one hour of it answers is read in halves, down to a day; how long is remembered for a day',
    twin: '`timeoutLongerThanDays`: longer windows are answered 504',
    tests: [
      halves,
      test(`${sync}/faults.model.spec.ts`, 'for long windows is asked for short ones'),
      test('libs/vendor-twins/src/exact/exact.spec.ts', 'can time out on long windows only, or be slow'),
    ],
    disabled: [
      {
        file: `${sync}/passes/read-window.ts`,
        find: 'return (await this.outOfTime(window, tookMs)) ?? answer;',
        replace: 'return answer;',
        without: 'the halves of a window',
        fails: halves,
      },
    ],
  },
  {
    number: 21,
    trap: 'Polling all practices at the same second',
    handled:
      'A repeated pass starts at a place in its period that the practice’s name decides; requests go in one line, evenly spaced',
    twin: 'its request log: when each practice was asked',
    tests: [
      ownPlace,
      test(`${sync}/faults.model.spec.ts`, 'come at the practice’s own place in the minute, spread over all practices'),
      test(`${sync}/calls/request-rate.spec.ts`, 'never exceed the rate in any second, whoever asks, and reach it'),
    ],
    disabled: [
      {
        file: `${engine}/core/pass-schedule.ts`,
        find: '((((phase * every - earliest) % every) + every) % every)',
        replace: '((((0 * phase - earliest) % every) + every) % every)',
        without: 'each practice’s own place',
        fails: ownPlace,
      },
    ],
  },
  {
    number: 22,
    trap: 'Marketing messages where `consentedToMarketing` is `NotAsked`',
    handled:
      'The relay sends no message. The answer is handed on as it was given (absent stays absent, nothing is filled in), and one that is taken back is a version of its own',
    twin: 'always: `NotAsked`, `Consented` and `Refused` by the seed',
    tests: [consent],
    disabled: [
      {
        file: `${sync}/catalogue/resource-specs.ts`,
        find: "? [] : ['id'],",
        replace: "? [] : ['id', 'consentedToMarketing'],",
        without: 'the comparison of consents',
        fails: consent,
      },
    ],
  },
  {
    number: 23,
    trap: 'Assuming practice details prove that the practice is online',
    handled: 'Details come from the cloud’s own copy: their answers wake nobody, and teach no hours',
    twin: 'always: details are answered while the practice is offline',
    tests: [
      cloudAnswers,
      test('libs/vendor-twins/src/exact/exact.spec.ts', 'fail each in its own way, the details excepted, and alone'),
    ],
    disabled: [
      {
        file: `${sync}/catalogue/resource-specs.ts`,
        find: "answeredByVendor: entry.reads === 'practice',",
        replace: 'answeredByVendor: false,',
        without: 'the cloud’s copy as such',
        fails: cloudAnswers,
      },
    ],
  },
];
