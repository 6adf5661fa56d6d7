import { TRIGGERS, resourceOfMember } from '@relay/contracts';
import { isJsonType, mediaTypeOf } from '../door/media-type.js';

/** The record that a webhook names. */
export interface WebhookRecord {
  /** Null: a trigger, or a member, that the relay has no resource for. The notice is carried all the same. */
  readonly resource: string | null;
  readonly recordId: string;
}

/** The ids of the vendor are numbers; letters, `_` and `-` leave room for others. Anything else could be a path. */
const RECORD_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Finds the id in a webhook's body (contract §3): the member that the vendor names for the trigger, else the only member
 * that ends in `_id`. Null when there is no usable one.
 */
export function readWebhookBody(
  body: Buffer,
  contentType: string | undefined,
  trigger: number | 'any',
): WebhookRecord | null {
  const members = readMembers(body, contentType);
  if (members === null) return null;
  const known = trigger === 'any' ? undefined : TRIGGERS.get(trigger);
  const named = known?.member ?? null;
  const member = named !== null && members.has(named) ? named : onlyIdMember(members);
  if (member === null) return null;
  const recordId = idText(members.get(member));
  if (recordId === null) return null;
  const resource = trigger === 'any' ? resourceOfMember(member) : (known?.resource ?? null);
  return { resource, recordId };
}

type Members = ReadonlyMap<string, unknown>;

/** A declared form or JSON is read as such; under any other or no content type the first character decides. */
function readMembers(body: Buffer, contentType: string | undefined): Members | null {
  const text = body.toString('utf8');
  const mediaType = contentType === undefined ? '' : mediaTypeOf(contentType);
  if (mediaType === 'application/x-www-form-urlencoded') return formMembers(text);
  if (isJsonType(mediaType)) return jsonMembers(text);
  return /^\s*\{/.test(text) ? jsonMembers(text) : formMembers(text);
}

/** Null when a member stands twice with different values: which one is meant cannot be told. */
function formMembers(text: string): Members | null {
  const members = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text.trim())) {
    const before = members.get(name);
    if (before !== undefined && before !== value) return null;
    members.set(name, value);
  }
  return members;
}

function jsonMembers(text: string): Members | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, LONG_NUMBER.test(text) ? asSpelt : undefined);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  return new Map(Object.entries(parsed));
}

/** Only then can an integer be too long for a double. */
const LONG_NUMBER = /\d{16}/;

/** An integer beyond 2^53 keeps the vendor's digits as text: rounded, it would name another record. */
function asSpelt(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && /^-?\d{16,}$/.test(source) ? source : value;
}

function onlyIdMember(members: Members): string | null {
  let found: string | null = null;
  for (const name of members.keys()) {
    if (!name.endsWith('_id')) continue;
    if (found !== null) return null;
    found = name;
  }
  return found;
}

function idText(value: unknown): string | null {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return null;
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && RECORD_ID.test(text) ? text : null;
}
