import { jsonResponse, response, type TwinRequest, type TwinResponse } from '../http.js';
import { memberText, parseObject, type TwinRecord } from '../json.js';
import { DAY } from '../times.js';
import { strictInstant } from './dates.js';
import type { ExactKind } from './guid.js';
import { pageReply, type PageRules, type Place } from './pages.js';
import type { ExactPractice } from './practice.js';
import { APPOINTMENT_STATUSES, contactDetails } from './records.js';

/** Makes the vendor's error answers, whose bodies are strings. */
export type ErrorReply = (status: number, text: string) => TwinResponse;

export interface PracticeCall {
  readonly practice: ExactPractice;
  readonly request: TwinRequest;
  readonly query: URLSearchParams;
  readonly now: number;
  readonly error: ErrorReply;
}

/** A list, cut into pages by size. */
export function listReply(call: PracticeCall, kind: ExactKind, rules: PageRules, pageNumber: number): TwinResponse {
  const { practice, query, error } = call;
  const token = query.get(rules.tokenMember) ?? call.request.headers[rules.header] ?? null;
  let places: Place[];
  if (kind === 'appointment') {
    const window = windowOf(query);
    if (typeof window === 'string') return error(400, window);
    const { timeoutLongerThanDays: longest } = practice.state;
    const tooLong = longest !== null && window.to - window.from > longest * DAY;
    if (tooLong) return error(504, 'The practice did not answer in time');
    places = appointmentsIn(practice, window, query);
  } else {
    places = Array.from(practice.store(kind).ids(Infinity), (index) => ({ at: 0, index }));
  }
  query.delete(rules.tokenMember);
  const page = pageReply(
    { places, recordAt: ({ index }) => listed(practice, practice.record(kind, index) ?? {}) },
    rules,
    { key: `${practice.id} ${kind} ${query.toString()}`, token, now: call.now, pageNumber },
    (record) => isFaulty(practice, record),
  );
  if (page === 'faulty') return error(502, 'The practice could not process the request');
  return page === 'stale-token' ? error(400, 'The continuation token is not valid any more') : page;
}

/** One object by its GUID, in any case. */
export function oneReply(call: PracticeCall, kind: ExactKind, guid: string): TwinResponse {
  const record = find(call, kind, guid);
  if (record === null) return call.error(404, 'Not found');
  if (isFaulty(call.practice, record)) return call.error(502, 'The practice could not process the request');
  return jsonResponse(200, JSON.stringify(record));
}

/** Changes the members that the body has; others stay. */
export function patchReply(call: PracticeCall, guid: string, write: (fields: TwinRecord) => TwinRecord): TwinResponse {
  const { practice, error, request } = call;
  if (find(call, 'appointment', guid) === null) return error(404, 'Not found');
  if (practice.state.conflicts.has(guid.toLowerCase()))
    return error(409, 'The appointment was changed at the practice');
  const body = parseObject(request.body);
  if (body === null) return error(400, 'The body must be a JSON object');
  const status = body['status'];
  if (status !== undefined && !APPOINTMENT_STATUSES.some((known) => known === status)) {
    return error(400, `${JSON.stringify(status)} is not a status`);
  }
  const { id: _id, createdDate: _created, lastUpdatedDate: _updated, ...fields } = body;
  return jsonResponse(200, JSON.stringify(write(fields)));
}

export function contactDetailsReply(call: PracticeCall, guid: string, scopes: ReadonlySet<string>): TwinResponse {
  if (find(call, 'patient', guid) === null) return call.error(404, 'Not found');
  const index = call.practice.indexOf('patient', guid) ?? 0;
  const granted = {
    phone: scopes.has('patient.get.contactdetails.phone'),
    email: scopes.has('patient.get.contactdetails.email'),
  };
  const { context, contacts } = call.practice;
  const details = contactDetails(context, index, granted, contacts.get(index));
  return jsonResponse(200, JSON.stringify(details));
}

/** A message to a patient: accepted, not idempotent. */
export function contactReply(call: PracticeCall, guid: string): TwinResponse {
  const body = parseObject(call.request.body);
  if (find(call, 'patient', guid) === null) return call.error(404, 'Not found');
  const type = body?.['type'];
  if ((type !== 'Sms' && type !== 'Email') || typeof body?.['body'] !== 'string') {
    return call.error(400, 'type and body are required');
  }
  return response(202, {}, '');
}

interface Window {
  readonly from: number;
  readonly to: number;
}

/** The window of a list request, or what is wrong with it. */
function windowOf(query: URLSearchParams): Window | string {
  const values: number[] = [];
  for (const name of ['from', 'to']) {
    const text = query.get(name);
    if (text === null) return `${name} is required`;
    const instant = strictInstant(text);
    if (instant === null) return `${name} is not an ISO 8601 date with an offset`;
    values.push(instant);
  }
  const [from = 0, to = 0] = values;
  return from > to ? 'from lies after to' : { from, to };
}

/** Appointments that start within the window, by start time, then by number. */
function appointmentsIn(practice: ExactPractice, window: Window, query: URLSearchParams): Place[] {
  const filtered = ['status', 'patientId', 'practitionerId'].some((name) => query.has(name));
  const places: Place[] = [];
  for (const index of practice.store('appointment').ids(Infinity)) {
    const at = practice.startOf(index);
    if (at < window.from || at > window.to) continue;
    if (!filtered || isWanted(practice.record('appointment', index), query)) places.push({ at, index });
  }
  return places.sort((a, b) => a.at - b.at || a.index - b.index);
}

function isWanted(record: TwinRecord | null, query: URLSearchParams): boolean {
  const same = (name: string, value: unknown): boolean => {
    const wanted = query.get(name);
    return wanted === null || String(value).toLowerCase() === wanted.toLowerCase();
  };
  const practitioner = query.get('practitionerId')?.toLowerCase();
  const providers = JSON.stringify(record?.['providers'] ?? []).toLowerCase();
  return (
    same('status', record?.['status']) &&
    same('patientId', record?.['patientId']) &&
    (practitioner === undefined || providers.includes(`"${practitioner}"`))
  );
}

function listed(practice: ExactPractice, record: TwinRecord): TwinRecord {
  const { listSpelling } = practice.state;
  if (listSpelling === 'as-made') return record;
  const id = memberText(record, 'id');
  return { ...record, id: listSpelling === 'upper' ? id.toUpperCase() : id.toLowerCase() };
}

function find(call: PracticeCall, kind: ExactKind, guid: string): TwinRecord | null {
  const index = call.practice.indexOf(kind, guid);
  return index === null ? null : call.practice.record(kind, index);
}

function isFaulty(practice: ExactPractice, record: TwinRecord): boolean {
  return practice.state.faultyRecords.has(memberText(record, 'id').toLowerCase());
}
