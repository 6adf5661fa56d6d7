import type { TenantValue } from '@relay/contracts';
import { parseExact } from '../core/exact-json.js';
import type { PageRow } from '../ports/call-outcomes.js';
import type { CallContext, Connector, PassRequest, ResourceSpec } from '../ports/connector.js';

/** A connector in front of a vendor, or a twin of one, that holds a few records and can change them. */
export interface ConformanceSubject {
  readonly connector: Connector;
  /** A tenant that may be called. */
  readonly tenant: TenantValue;
  /** A tenant that the vendor does not let in (wrong token); null where that cannot be arranged. */
  readonly stranger: TenantValue | null;
}

export interface ConformanceCheck {
  readonly name: string;
  run(): Promise<void>;
}

/** What a connector does wrong, in words. */
export class NotConforming extends Error {
  readonly code = 'not-conforming';
  readonly retryable = false;
}

const MOST_PAGES = 200;

/** Everything the engine takes for granted of a connector; a test runs each check against the real one and its twin. */
export function connectorConformance(subject: ConformanceSubject): ConformanceCheck[] {
  const { connector, tenant } = subject;
  const checks: ConformanceCheck[] = [{ name: 'describes its resources', run: async () => describes(connector) }];
  for (const spec of connector.resources) {
    checks.push(
      {
        name: `${spec.name}: its first pass ends and meets no record twice`,
        run: async () => void (await rowsOf(subject, spec)),
      },
      { name: `${spec.name}: a record of the list can be fetched by its id`, run: () => fetches(subject, spec) },
      { name: `${spec.name}: an unknown id is not found`, run: () => notFound(subject, spec) },
      { name: `${spec.name}: its parts are found by their whole`, run: () => families(subject, spec) },
      { name: `${spec.name}: an aborted call ends`, run: () => aborts(subject, spec) },
      {
        name: `${spec.name}: events name their source and address`,
        run: async () => addresses(connector, tenant, spec),
      },
    );
  }
  if (subject.stranger !== null) {
    const stranger = subject.stranger;
    checks.push({ name: 'a refused tenant is an outcome, not an error', run: () => refused(subject, stranger) });
  }
  return checks;
}

function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new NotConforming(what);
}

function callOf(tenant: TenantValue, signal: AbortSignal = new AbortController().signal): CallContext {
  return { tenant, work: 'live', signal, timeoutMs: 10_000 };
}

function describes(connector: Connector): void {
  must(connector.resources.length > 0, 'it has no resources');
  const names = connector.resources.map(({ name }) => name);
  must(new Set(names).size === names.length, 'two resources have one name');
  for (const { name, passes } of connector.resources) {
    must(/^[a-z0-9_-]+$/.test(name), `${name} cannot stand in a topic's name`);
    must(
      passes.some((pass) => pass.firstReading),
      `${name} has no first reading: it would never be live`,
    );
    must(new Set(passes.map((pass) => pass.name)).size === passes.length, `${name} has two passes of one name`);
  }
}

/** Of each resource with families: those of a whole that nobody has are empty, and every part of one that has some names it. */
async function families({ connector, tenant }: ConformanceSubject, spec: ResourceSpec): Promise<void> {
  for (const name of spec.families ?? []) {
    const parts = connector.resources.find((candidate) => candidate.name === name);
    must(parts !== undefined, `${spec.name} has parts in ${name}, which is no resource`);
    const { wholeOf } = parts;
    must(wholeOf !== undefined && connector.readFamily !== undefined, `${name} cannot be read by its whole`);
    const [first] = await rowsOf({ connector, tenant, stranger: null }, parts);
    const wholeId = first === undefined ? null : wholeOf(first.text);
    must(wholeId !== null, `a row of ${name} does not name its whole`);
    const outcome = await connector.readFamily(callOf(tenant), parts, wholeId, null);
    if (outcome.kind === 'filter-ignored') continue;
    must(outcome.kind === 'page', `the parts of one whole ended with ${outcome.kind}`);
    must(outcome.rows.length > 0, `${name} shows no part of a whole that has one`);
    for (const { text } of outcome.rows) must(wholeOf(text) === wholeId, `${name} shows a part of another whole`);
  }
}

function requestOf(spec: ResourceSpec): PassRequest {
  const first = spec.passes.find((pass) => pass.firstReading);
  must(first !== undefined, `${spec.name} has no first reading`);
  return { spec: first, since: null, startedAt: Date.now(), filterHonoured: true };
}

async function rowsOf({ connector, tenant }: ConformanceSubject, spec: ResourceSpec): Promise<PageRow[]> {
  const rows = new Map<string, PageRow>();
  let position: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const outcome = await connector.readPage(callOf(tenant), spec, requestOf(spec), position);
    must(outcome.kind === 'page', `a page ended with ${outcome.kind}`);
    for (const row of outcome.rows) {
      must(!rows.has(row.recordId), `${row.recordId} came twice`);
      must(row.recordId.length > 0 && !row.recordId.includes('/'), 'a record id is empty or has a slash');
      parseExact(row.text);
      rows.set(row.recordId, row);
    }
    if (outcome.next === null) return [...rows.values()];
    must(outcome.next !== position, 'the position does not move');
    position = outcome.next;
  }
  throw new NotConforming(`no end after ${MOST_PAGES} pages`);
}

async function fetches(subject: ConformanceSubject, spec: ResourceSpec): Promise<void> {
  const [row] = await rowsOf(subject, spec);
  must(row !== undefined, 'the vendor holds no record to fetch');
  const outcome = await subject.connector.fetchRecord(callOf(subject.tenant), spec, row.recordId);
  must(outcome.kind === 'found', `the fetch ended with ${outcome.kind}`);
  parseExact(outcome.text);
}

async function notFound({ connector, tenant }: ConformanceSubject, spec: ResourceSpec): Promise<void> {
  // A list without detail form may have one record only, which is then found under any id.
  if (!spec.hasDetail) return;
  const unknown = connector.vendor === 'exact' ? '00000000-0000-4000-8000-00000000ffff' : '999999999';
  const outcome = await connector.fetchRecord(callOf(tenant), spec, unknown);
  must(outcome.kind === 'not-found' && outcome.apiShaped, `an unknown id ended with ${outcome.kind}`);
}

async function aborts({ connector, tenant }: ConformanceSubject, spec: ResourceSpec): Promise<void> {
  const abort = new AbortController();
  abort.abort();
  const outcome = await connector.readPage(callOf(tenant, abort.signal), spec, requestOf(spec), null);
  must(outcome.kind === 'aborted' || outcome.kind === 'throttled', `an aborted call ended with ${outcome.kind}`);
}

function addresses(connector: Connector, tenant: TenantValue, spec: ResourceSpec): void {
  must(URL.canParse(connector.sourceOf(tenant)), 'the source is no URL');
  must(URL.canParse(connector.urlOf(tenant, spec.name, '1')), "a record's address is no URL");
}

async function refused({ connector }: ConformanceSubject, stranger: TenantValue): Promise<void> {
  const [spec] = connector.resources;
  must(spec !== undefined, 'it has no resources');
  const outcome = await connector.fetchRecord(callOf(stranger), spec, '1');
  must(outcome.kind !== 'found', 'a stranger was let in');
}
