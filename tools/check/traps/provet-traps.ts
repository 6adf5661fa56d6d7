import type { Trap, TrapTest } from './trap.ts';
import { FURTHER_PROVET_TRAPS } from './further-provet-traps.ts';

const contracts = 'libs/contracts/src';
const sync = 'apps/provet-sync/src';
const gateway = 'apps/gateway/src';
const broker = 'apps/token-broker/src';
const engine = 'libs/sync-engine/src';

const test = (file: string, name: string): TrapTest => ({ file, name });

const hostInTenantId = test(
  `${contracts}/hookup-message.spec.ts`,
  'keep an upper-case host and the default port out of the tenant id',
);
const ownCredential = test(
  `${contracts}/hookup-message.spec.ts`,
  'is accepted and keeps members nobody knows, but not its secret',
);
const spellings = test(`${contracts}/hookup-message.spec.ts`, 'takes the grant spelling %s');
const keyOpens = test(`${gateway}/webhooks/webhook-target.spec.ts`, 'opens nothing for %j');
const hookupSecret = test(
  `${gateway}/hookup/hookup-secrets.spec.ts`,
  'knows each of its secrets whole, and nothing else',
);
const tokenForm = test(`${broker}/minting/token-request.spec.ts`, 'asks with a form and a Basic header');
const tokenSteps = test(`${broker}/tokens/token-plan.spec.ts`, 'the next step of a token');
const slash = test(`${sync}/records/fetch-record.spec.ts`, 'hands on the text as the vendor spelt it');
const exactly200 = test(
  `${gateway}/webhooks/webhooks.int-spec.ts`,
  'of trigger %s with %s as %s is answered 200 and empty, and is in the topic',
);
const oneTaker = test(`${engine}/lanes/pending-queue.spec.ts`, 'gives a record to one taker only, until it is done');
const hookPerTrigger = test(
  `${sync}/webhooks/prepare-webhooks.spec.ts`,
  'makes one hook for every trigger of the enabled resources',
);
const bodies = test(`${gateway}/webhooks/webhook-body.spec.ts`, '%s as %s names client 1');
const departments = test(
  `${sync}/webhooks/prepare-webhooks.spec.ts`,
  'makes its own beside one that is off, of a department, of another trigger, or hides a deletion',
);
const readSeq = test(
  `${engine}/core/record-decision.spec.ts`,
  'lets no reading that started earlier overwrite one that started later',
);
const dirty = test(
  `${engine}/lanes/pending-queue.spec.ts`,
  'keeps a record that was announced again while it was fetched',
);
const meanings = test(`${sync}/calls/classify-reply.spec.ts`, 'what an answer of Provet means');
const apart = test(`${sync}/calls/tenant-budgets.spec.ts`, 'keeps tenants and operations apart');

/** The traps of the vendor's reference, §13, in its order. */
export const PROVET_TRAPS: readonly Trap[] = [
  {
    number: 1,
    trap: 'Hard-coding provetcloud.com',
    handled:
      'The host is that of the registration’s `token_url`; it is part of the tenant’s id, and every address is made with it',
    twin: 'any host and port: `PROVET_SIMULATOR_PORT`, `startSimulator()`',
    tests: [
      hostInTenantId,
      ownCredential,
      test('test/provet-journey.e2e-spec.ts', 'reads everything once, in the detail form, as snapshots'),
    ],
    disabled: [
      {
        file: `${contracts}/hookup-message.ts`,
        find: 'const host = hostOf(tokenUrl);',
        replace: "const host = 'provetcloud.com'; void tokenUrl;",
        without: 'the host of the registration',
        fails: ownCredential,
      },
    ],
  },
  {
    number: 2,
    trap: 'One global client id',
    handled: 'A credential belongs to one tenant: its id is `<tenantId>/<clientId>`, and so are its tokens',
    twin: 'always: every tenant has its own client; `PUT …/credentials/{clientId}` adds one',
    tests: [
      ownCredential,
      test(
        `${broker}/credentials/candidate-steps.spec.ts`,
        'takes over unless one that was received later already works',
      ),
    ],
    disabled: [
      {
        file: `${contracts}/tenant-id.ts`,
        find: 'return `${owner}/${clientId}`;',
        replace: 'return `${owner && clientId}`;',
        without: 'the tenant in the credential’s id',
        fails: ownCredential,
      },
    ],
  },
  {
    number: 3,
    trap: 'Matching the grant type on one spelling',
    handled: 'Both published spellings are read into one',
    twin: '`GET …/hookup?spelling=hyphen`',
    tests: [spellings],
    disabled: [
      {
        file: `${contracts}/hookup-message.ts`,
        find: "'client-credentials': 'client_credentials',",
        replace: '',
        without: 'the spelling with a hyphen',
        fails: spellings,
      },
    ],
  },
  {
    number: 4,
    trap: 'Trusting the hookup POST or a webhook body',
    handled:
      'The hookup URL ends in a secret, a webhook’s in a key over tenant and trigger; a registration is proven by a token and a read; a webhook is a hint to fetch',
    twin: '`POST …/hookup` with `overrides`; webhooks can be posted to any URL',
    tests: [
      keyOpens,
      hookupSecret,
      test(
        `${broker}/credentials/proof.int-spec.ts`,
        'proves nothing when the API refuses it: one more is asked for, then the credential is rejected',
      ),
      test('test/front-door.e2e-spec.ts', 'checks the key of a webhook before its body, and for its trigger only'),
    ],
    disabled: [
      {
        file: `${gateway}/webhooks/webhook-target.ts`,
        find: 'return entry > 0 ? { tenantId, trigger, entry } : null;',
        replace: 'return entry >= 0 ? { tenantId, trigger, entry } : null;',
        without: 'the check of the key',
        fails: keyOpens,
      },
      {
        file: `${gateway}/hookup/hookup-secrets.ts`,
        find: 'return entry;',
        replace: 'return entry ?? 1;',
        without: 'the check of the hookup secret',
        fails: hookupSecret,
      },
    ],
  },
  {
    number: 5,
    trap: 'Sending JSON to the token endpoint',
    handled: 'Tokens are asked for with a form, the client in a Basic header',
    twin: 'always: a JSON body is answered 400',
    tests: [
      tokenForm,
      test('libs/vendor-twins/src/provet/rest.spec.ts', 'takes forms of both kinds, Basic and body, and refuses JSON'),
    ],
    disabled: [
      {
        file: `${broker}/minting/token-request.ts`,
        find: "'content-type': 'application/x-www-form-urlencoded',",
        replace: "'content-type': 'application/json',",
        without: 'the form',
        fails: tokenForm,
      },
    ],
  },
  {
    number: 6,
    trap: 'Expecting a refresh token from client credentials; refreshing on a timer instead of on `expires_in` and 401',
    handled: 'Client credentials ask for another token, due by `expires_in` or as soon as the vendor refuses one',
    twin: '`tokenSeconds`, `revoke-tokens`',
    tests: [
      tokenSteps,
      test(`${broker}/tokens/tokens.int-spec.ts`, 'that the vendor refused is minted once, however often that is said'),
      test(`${sync}/calls/provet-calls.spec.ts`, 'tells the broker which version was refused'),
      test('test/provet-journey.e2e-spec.ts', 'mints once when a token is revoked in mid-flow, and loses nothing'),
    ],
    disabled: [
      {
        file: `${broker}/tokens/token-plan.ts`,
        find: '  if (state.invalid) {',
        replace: '  if (state.invalid && false) {',
        without: 'minting on a refusal',
        fails: tokenSteps,
      },
    ],
  },
  {
    number: 7,
    trap: 'A missing trailing slash',
    handled: 'Every path is made with it; a redirect is never followed',
    twin: 'always: 301 without the slash',
    tests: [
      slash,
      test(
        `${sync}/calls/provet-calls.spec.ts`,
        'carries token, accept header and slash, and names the route without ids',
      ),
      test('libs/vendor-twins/src/provet/rest.spec.ts', 'answers 301 without the slash, keeping the query'),
    ],
    disabled: [
      {
        file: `${sync}/calls/provet-address.ts`,
        find: 'return `${path}/${encodeURIComponent(recordId)}/`;',
        replace: 'return `${path}/${encodeURIComponent(recordId)}`;',
        without: 'the slash at the end',
        fails: slash,
      },
    ],
  },
  {
    number: 8,
    trap: 'Answering 202 or 204 to webhooks',
    handled: 'Exactly 200 with an empty body',
    twin: 'always: anything but 200 is repeated, up to ten times (`retryPausesMs`)',
    tests: [
      exactly200,
      test(
        'libs/vendor-twins/src/provet/webhooks.spec.ts',
        'are repeated up to ten times on anything but 200, then forgotten',
      ),
    ],
    disabled: [
      {
        file: `${gateway}/webhooks/webhooks.controller.ts`,
        find: 'reply.code(200)',
        replace: 'reply.code(202)',
        without: 'the 200',
        fails: exactly200,
      },
    ],
  },
  {
    number: 9,
    trap: 'Fetching inside the webhook request',
    handled:
      'The gateway calls nobody: it answers once Kafka has the notice. The sync keeps one row a record, fetched when its lane comes to it',
    twin: '`delayMs` of faults: a slow vendor does not slow the door',
    tests: [
      oneTaker,
      test('test/front-door.e2e-spec.ts', 'calls nobody'),
      test(
        'test/provet-journey.e2e-spec.ts',
        'fetches a record at most twice for ten webhooks that wait, and ends at the last state',
      ),
    ],
    disabled: [
      {
        file: `${engine}/lanes/pending-queue.ts`,
        find: 'place.taken = true;',
        replace: '',
        without: 'one fetch at a time for a record',
        fails: oneTaker,
      },
    ],
  },
  {
    number: 10,
    trap: 'Telling events apart by the body, or finding the tenant in it',
    handled: 'Every trigger of every tenant has a URL of its own',
    twin: 'always: bodies name neither',
    tests: [
      hookPerTrigger,
      test(`${contracts}/webhook-url.spec.ts`, 'keys by HMAC-SHA256 over tenant and trigger, first 32 characters'),
    ],
    disabled: [
      {
        file: `${sync}/webhooks/hook-plan.ts`,
        find: 'webhookUrl(publicUrl, target, trigger.number, first)',
        replace: "webhookUrl(publicUrl, target, 'any', first)",
        without: 'the trigger in the URL',
        fails: hookPerTrigger,
      },
    ],
  },
  {
    number: 11,
    trap: 'Parsing only JSON, or only forms; insisting on whole numbers',
    handled: 'Either form under any content type; ids are text or numbers',
    twin: '`content_type` of a hook; `jsonIds: number`',
    tests: [
      bodies,
      test(`${gateway}/webhooks/webhook-body.spec.ts`, '%s as %s keeps every digit of a long id'),
      test('libs/vendor-twins/src/provet/webhooks.spec.ts', 'carry the id as text, as a form or as JSON'),
    ],
    disabled: [
      {
        file: `${gateway}/webhooks/webhook-body.ts`,
        find: 'if (isJsonType(mediaType)) return jsonMembers(text);',
        replace: 'if (isJsonType(mediaType)) return formMembers(text);',
        without: 'JSON bodies',
        fails: bodies,
      },
      {
        file: `${gateway}/webhooks/webhook-body.ts`,
        find: "const text = typeof value === 'number' ? String(value) : value;",
        replace: "const text = typeof value === 'string' ? null : String(value);",
        without: 'ids that are text',
        fails: bodies,
      },
    ],
  },
  {
    number: 12,
    trap: 'Department hooks silently miss changes of clients and patients through the API',
    handled:
      'Hooks are made for the whole organisation, beside whatever department hooks there are; the reconcile finds what no hook announces',
    twin: '`department` of a hook with `by=api`',
    tests: [
      departments,
      test('libs/vendor-twins/src/provet/webhooks.spec.ts', 'of a department miss what was changed through the API'),
    ],
    disabled: [
      {
        file: `${sync}/webhooks/hook-plan.ts`,
        find: 'hook.trigger === wanted.trigger.number &&\n      hook.isWhole &&',
        replace: 'hook.trigger === wanted.trigger.number &&',
        without: 'the look at a hook’s department',
        fails: departments,
      },
    ],
  },
  {
    number: 13,
    trap: 'Assuming order, exactly once, or that ten repeats suffice',
    handled:
      'A notice only says what to read; readings are numbered when they start; a record that is announced while it is read stays pending; reconcile and sweep find what was never announced',
    twin: '`drop`, `duplicate`, `late`, `reorder`, `drop-next`, `visibleAfterMs`',
    tests: [
      readSeq,
      dirty,
      test(
        `${engine}/passes/passes.int-spec.ts`,
        'counts one missed, heals it once, and calls it late when the notice comes after all',
      ),
      test('test/provet-journey.e2e-spec.ts', 'heals a change whose webhook was dropped, and counts it once'),
    ],
    disabled: [
      {
        file: `${engine}/core/record-decision.ts`,
        find: 'q.readSeq <= row.readSeq',
        replace: 'q.readSeq < 0n',
        without: 'the number of the reading',
        fails: readSeq,
      },
      {
        file: `${engine}/lanes/pending-queue.ts`,
        find: 'if (!waiting || place?.entry.generation !== entry.generation) return;',
        replace: 'if (!waiting || place === undefined) return;',
        without: 'the flag of a record that was announced again',
        fails: dirty,
      },
    ],
  },
  {
    number: 14,
    trap: 'Reading 403, 429 or 5xx after a notification as “deleted”',
    handled:
      'Only the API’s own 404 with a later 200 of the same resource’s list is a deletion; each other status has its own meaning',
    twin: '`forbid`, `closed: json | html`, faults of any status',
    tests: [
      meanings,
      test(`${engine}/core/deletion.spec.ts`, 'judgeAbsence'),
      test(
        `${engine}/records/deletions.int-spec.ts`,
        'deletes nothing of a tenant whose every address answers 404, and works on when it is back',
      ),
      test('test/provet-journey.e2e-spec.ts', 'deletes nothing when a closed practice answers 404 to everything'),
    ],
    disabled: [
      {
        file: `${sync}/calls/classify-reply.ts`,
        find: "if (status === 403) return { kind: 'forbidden', tookMs };",
        replace: "if (status === 403) return { kind: 'missing', apiShaped: true, tookMs };",
        without: 'the difference between 403 and 404',
        fails: meanings,
      },
      {
        file: `${engine}/core/deletion.ts`,
        find: 'q.listedAt >= q.askedAt &&',
        replace: '',
        without: 'the list that must answer after the 404',
        fails: test(`${engine}/core/deletion.spec.ts`, 'judgeAbsence'),
      },
    ],
  },
  {
    number: 15,
    trap: 'A large `page_size` burns the budget; one limiter for all',
    handled: 'A budget for each tenant, endpoint and operation; a page costs as many requests as it weighs',
    twin: '`limits`, `limitOverrides`; always: a page weighs ceil(page_size / 50)',
    tests: [
      apart,
      test(`${sync}/provet.connector.spec.ts`, 'keeps below every limit of the vendor'),
      test(
        'libs/vendor-twins/src/provet/limits.spec.ts',
        'weigh a page by its size: three pages of a thousand invoices fill a minute',
      ),
    ],
    disabled: [
      {
        file: `${sync}/calls/tenant-budgets.ts`,
        find: 'const tenant = this.tenantOf(tenantId, now);',
        replace: "tenantId = 'all';\n    const tenant = this.tenantOf(tenantId, now);",
        without: 'a budget of each tenant’s own',
        fails: apart,
      },
      {
        file: `${sync}/passes/read-page.ts`,
        find: 'limit: limits.list, weight }',
        replace: 'limit: limits.list, weight: Math.min(1, weight) }',
        without: 'the weight of a page',
        fails: test(`${sync}/provet.connector.spec.ts`, 'keeps below every limit of the vendor'),
      },
    ],
  },
  ...FURTHER_PROVET_TRAPS,
];
