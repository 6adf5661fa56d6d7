import { FURTHER_EXACT_TRAPS } from './further-exact-traps.ts';
import type { Trap, TrapTest } from './trap.ts';

const contracts = 'libs/contracts/src';
const kit = 'libs/service-kit/src/settings';
const sync = 'apps/exact-sync/src';
const broker = 'apps/token-broker/src';

const test = (file: string, name: string): TrapTest => ({ file, name });

const hosts = test(`${kit}/vendor-settings.spec.ts`, 'take the hosts of the environment');
const otherHosts = test(`${kit}/vendor-settings.spec.ts`, 'refuse %o');
const basic = test(`${broker}/minting/token-request.spec.ts`, 'asks with a form and a Basic header');
const ownSet = test(`${contracts}/exact-scopes.spec.ts`, 'gives each resource a set of its own');
const contactDetails = test(
  `${sync}/endpoints.model.spec.ts`,
  'of contact details tell of a change that nothing else of the patient shows',
);
const readAgain = test(
  `${sync}/endpoints.model.spec.ts`,
  'of contact details show what their scopes reach, and all of them again when more are granted',
);
const meanings = test(`${sync}/calls/classify-reply.spec.ts`, 'what an answer of EXACT means');
const onlyReads = test(
  `${sync}/calls/practice-standing.spec.ts`,
  'is a GET whatever is asked for: what is never written is never written twice',
);
const notSubscribed = test(`${sync}/calls/practice-standing.spec.ts`, 'is the practice’s when it is not');
const lostSubscription = test(
  `${sync}/calls/practice-standing.spec.ts`,
  'is the subscription’s when the list no longer names the practice',
);
const errorText = test(`${sync}/calls/classify-reply.spec.ts`, 'keeps nothing of an error’s text');
const shortPages = test(`${sync}/passes/exact-passes.spec.ts`, 'follows the continuation over short and empty pages');
const strictDates = test(`${sync}/passes/windows.spec.ts`, 'are asked for in strict ISO with Z, a second early');
const clockChanges = test(
  `${sync}/practice-time/practice-time.spec.ts`,
  'begin where the date begins, whatever the clocks do',
);

/** The traps of the vendor's reference, §10, in its order. */
export const EXACT_TRAPS: readonly Trap[] = [
  {
    number: 1,
    trap: 'Mixing QA and production hosts, or adding `.ex` to the auth host',
    handled:
      'One environment a relay, its hosts from one table; a host of the other environment ends the start with 78, and a practice of it gets no call',
    twin: 'always: two twins share nothing; a token of one is refused by the other',
    tests: [
      hosts,
      otherHosts,
      test(`${sync}/environments.int-spec.ts`, 'the wall between QA and production'),
      test('libs/vendor-twins/src/exact/exact.spec.ts', 'expire, and are good in their own environment only'),
    ],
    disabled: [
      {
        file: `${kit}/exact-settings.ts`,
        find: "if (environment !== null && wanted !== '' && wanted !== undefined && environment !== wanted) {",
        replace: "if (environment !== null && wanted !== '' && wanted !== undefined && environment === '') {",
        without: 'the look at whose host it is',
        fails: otherHosts,
      },
      {
        file: `${kit}/exact-settings.ts`,
        find: "authority: 'https://qa-auth.softwareofexcellence.com',",
        replace: "authority: 'https://qa-auth.ex.softwareofexcellence.com',",
        without: 'the identity server’s own domain',
        fails: hosts,
      },
    ],
  },
  {
    number: 2,
    trap: 'Body credentials instead of Basic',
    handled: 'The client goes in a Basic header, the scopes in a form',
    twin: 'always: credentials in the body are answered `invalid_client`',
    tests: [
      basic,
      test('libs/vendor-twins/src/exact/exact.spec.ts', 'want Basic and only granted scopes, and name what they carry'),
      test(
        `${broker}/token-broker.int-spec.ts`,
        'is taken from the environment, proven with the base scopes, its tokens sealed to the other connector',
      ),
    ],
    disabled: [
      {
        file: `${broker}/minting/token-request.ts`,
        find: "if (secret !== null && how === 'basic') headers['authorization'] = basicCredentials(clientId, secret);",
        replace:
          "if (secret !== null && how === 'basic') { form.set('client_id', clientId); form.set('client_secret', secret); }",
        without: 'the Basic header',
        fails: basic,
      },
    ],
  },
  {
    number: 3,
    trap: 'Asking for all scopes in one token (one missing scope kills it)',
    handled:
      'A token for the base and one for each resource, of scopes that are known to be granted; which are is found out by halving',
    twin: 'always: one scope that is not granted is `invalid_scope` for the whole request; `PUT …/exact/clients/{id}` assigns scopes',
    tests: [
      ownSet,
      test(
        `${broker}/exact/scope-plan.spec.ts`,
        'keeps a token for the base and for each resource that may be read, and no set twice',
      ),
      test(
        `${broker}/exact/exact-scopes.int-spec.ts`,
        'are found out although one that is not granted fails the whole request, and the missing one is named',
      ),
      test(
        'test/exact-scopes.e2e-spec.ts',
        'leave their resource forbidden, the missing one named, while the others are read',
      ),
    ],
    disabled: [
      {
        file: `${contracts}/exact-scopes.ts`,
        find: 'scopes: exactScopeText([...EXACT_BASE_SCOPES, ...needs, ...more]),',
        replace: 'scopes: exactScopeText([...granted, ...needs, ...more]),',
        without: 'a set of each resource’s own',
        fails: ownSet,
      },
    ],
  },
  {
    number: 4,
    trap: 'Assuming the patient object holds phone/e-mail',
    handled: '`contact-details` is a resource of its own, read for each patient at its own address',
    twin: 'always: patients hold none; `putContact` changes what only that address shows',
    tests: [contactDetails, test(`${sync}/endpoints.model.spec.ts`, 'are all read, each record as it came')],
    disabled: [
      {
        file: `${sync}/catalogue/catalogue.ts`,
        find: "part: 'ContactDetails',",
        replace: '',
        without: 'the address of the contact details',
        fails: contactDetails,
      },
    ],
  },
  {
    number: 5,
    trap: 'Assuming equal data for equal calls under different scopes',
    handled:
      'Each resource is read with the token of its own set; when that set changes, everything of it is read again',
    twin: 'always: without one of the contact scopes its half is missing; `PUT …/exact/clients/{id}` assigns scopes',
    tests: [
      readAgain,
      test(
        `${contracts}/exact-scopes.spec.ts`,
        'reads contact details with what is granted of them, and not at all without any',
      ),
      test(
        'libs/vendor-twins/src/exact/exact.spec.ts',
        'decide what is answered: 403 without the scope, contact details by half',
      ),
    ],
    disabled: [
      {
        file: `${sync}/exact.connector.ts`,
        find: "return set?.kind === 'granted' ? set.scopes : null;",
        replace: "return set?.kind === 'granted' ? '' : null;",
        without: 'the scopes that records were read with',
        fails: readAgain,
      },
    ],
  },
  {
    number: 6,
    trap: 'Treating 503 as a global outage (or as global success of others) instead of per practice; a shared retry queue that one dead practice blocks',
    handled:
      'A lane and a breaker for each practice; only when nearly all that had answered fail at once is it the gateway',
    twin: '`state.mode = "offline"` of one practice; `gateway` faults of all',
    tests: [
      meanings,
      test('test/exact-journey.e2e-spec.ts', 'lets one practice be offline while the others go on'),
      test(
        `${sync}/sleeping.model.spec.ts`,
        'that fail at once are the gateway’s: none is blamed, and all go on when it is back',
      ),
    ],
    disabled: [
      {
        file: `${sync}/calls/classify-reply.ts`,
        find: "return { kind: 'unavailable', detail, retryAfterMs: meaning.retryAfterMs, tookMs };",
        replace: "return { kind: 'gateway-fault', detail, tookMs };",
        without: '503 as the practice’s own',
        fails: meanings,
      },
    ],
  },
  {
    number: 7,
    trap: 'Treating 502 like 503',
    handled: '502 is about that request: a record is parked, a window read in halves around it; the practice is there',
    twin: '`faultyRecords`: 502 for that record and for every page that holds it',
    tests: [
      meanings,
      test(`${sync}/faults.model.spec.ts`, 'stops neither the others of its day nor those of its hour'),
      test('test/exact-journey.e2e-spec.ts', 'parks a record on which the practice fails, and reads the others'),
    ],
    disabled: [
      {
        file: `${sync}/calls/classify-reply.ts`,
        find: '    case 502:\n',
        replace:
          "    case 502:\n      if (status === 502) return { kind: 'unavailable', detail, retryAfterMs: null, tookMs };\n",
        without: 'the difference between 502 and 503',
        fails: meanings,
      },
    ],
  },
  {
    number: 8,
    trap: 'Retrying PATCH/POST after 502/504/timeout without reading back; double SMS',
    handled: 'The relay writes nothing at a practice: every call is a GET, which may be repeated',
    twin: 'faults with `after`: the request takes effect and only its answer is lost; PATCH and messages are there',
    tests: [onlyReads, test(`${sync}/endpoints.model.spec.ts`, 'are only read, whatever is lost on the way')],
    disabled: [
      {
        file: `${sync}/calls/exact-calls.ts`,
        find: "method: 'GET',",
        replace: "method: 'POST',",
        without: 'GET as the only method',
        fails: onlyReads,
      },
    ],
  },
  {
    number: 9,
    trap: 'Treating 403/404 as “patient deleted”',
    handled:
      'A 403 is a scope or the subscription, never a deletion. A 404 is the record’s only when a listing after it still names the practice; then a list of the resource confirms it',
    twin: '`subscribed = false`: every address of the practice answers 403 or 404',
    tests: [
      notSubscribed,
      lostSubscription,
      test(
        `${sync}/calls/practice-standing.spec.ts`,
        'is a missing scope when the practice is listed and its details answer',
      ),
      test(
        'test/exact-scopes.e2e-spec.ts',
        'forbid their resource again when they are taken away, and nothing is deleted for it',
      ),
    ],
    disabled: [
      {
        file: `${sync}/calls/practice-standing.ts`,
        find: "return (await this.unlessSubscribed(call, this.now() - RECENT_MS)) ?? { kind: 'missing' };",
        replace: "return { kind: 'missing' };",
        without: 'the list after a 404',
        fails: notSubscribed,
      },
      {
        file: `${sync}/calls/practice-standing.ts`,
        find: 'return this.subscriptionOrScope(call, resource);',
        replace: "return { kind: 'missing' };",
        without: 'what a 403 is about',
        fails: lostSubscription,
      },
    ],
  },
  {
    number: 10,
    trap: 'Parsing error bodies as JSON objects',
    handled: 'Bodies of errors are neither parsed, nor kept, nor logged: the status alone tells',
    twin: '`gateway.errorBodies`: plain text or a JSON string',
    tests: [errorText, test('libs/vendor-twins/src/exact/exact.spec.ts', 'write errors as text, plain and as JSON')],
    disabled: [
      {
        file: `${sync}/calls/classify-reply.ts`,
        find: 'const detail = `http-${status}`;',
        replace: 'const detail = `http-${status} ${JSON.stringify(reply)}`;',
        without: 'the silence about an error’s body',
        fails: errorText,
      },
    ],
  },
  {
    number: 11,
    trap: 'Stopping at a short page, ignoring the continuation token, or expecting page numbers/`count`',
    handled: 'A list ends where no continuation is given, in header or wrapper, however short or empty its pages are',
    twin: '`pages.form: header | wrapper`, `pages.bytes`; always: pages by size',
    tests: [
      shortPages,
      test(`${sync}/exact.connector.spec.ts`, 'reads all patients and practitioners, continued by %s'),
      test(
        'libs/vendor-twins/src/exact/exact.spec.ts',
        'are cut by size and go on by an opaque token in a header, or in a wrapper',
      ),
    ],
    disabled: [
      {
        file: `${sync}/passes/page-rows.ts`,
        find: 'return { rows, continuation: list.continuation };',
        replace: 'return { rows, continuation: rows.length === 0 ? null : list.continuation };',
        without: 'going on behind an empty page',
        fails: shortPages,
      },
    ],
  },
  {
    number: 12,
    trap: 'Dates without offset; unencoded `+`; adding the practice’s offset by hand across a DST change',
    handled:
      'Bounds are UTC with `Z`, encoded; days are those of the practice’s calendar in the zone of its country, never an offset that was read',
    twin: 'always: a date without an offset is answered 400',
    tests: [
      strictDates,
      clockChanges,
      test(
        'libs/vendor-twins/src/exact/exact.spec.ts',
        'of appointments want strict dates with an offset and hold what starts in the window',
      ),
    ],
    disabled: [
      {
        file: `${sync}/passes/windows.ts`,
        find: '.slice(0, 19)}Z`);',
        replace: '.slice(0, 19)}`);',
        without: 'the offset of a bound',
        fails: strictDates,
      },
      {
        file: `${sync}/practice-time/local-time.ts`,
        find: 'wanted - offsetAt(zone, wanted + side));',
        replace: 'wanted - offsetAt(zone, instant + 0 * side));',
        without: 'the offset of the day itself',
        fails: clockChanges,
      },
    ],
  },
  ...FURTHER_EXACT_TRAPS,
];
