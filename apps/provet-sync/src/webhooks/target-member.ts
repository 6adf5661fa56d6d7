import { jsonObject } from '../records/record-id.js';

/** Names under which the vendor might publish the target of a webhook; its documents do not say. */
const LIKELY_NAMES: readonly string[] = [
  'target',
  'target_url',
  'hook_url',
  'webhook_url',
  'callback_url',
  'callback',
  'endpoint',
  'endpoint_url',
  'post_url',
];

/**
 * Which member of `/hook/webhook/` takes the URL to call, learnt from its OPTIONS answer: the only writable member of type
 * `url`; else the only one with a likely name. Null when that leaves none or several: then nothing is created.
 */
export function targetMemberOf(optionsText: string): string | null {
  const actions = jsonObject(optionsText)?.['actions'];
  const post = memberOf(actions, 'POST');
  if (post === null) return null;
  const writable = Object.entries(post).filter(([, field]) => memberValue(field, 'read_only') !== true);
  const urls = writable.filter(([, field]) => memberValue(field, 'type') === 'url').map(([name]) => name);
  if (urls.length === 1) return urls[0] as string;
  const candidates = urls.length > 1 ? urls : writable.map(([name]) => name);
  const likely = candidates.filter((name) => LIKELY_NAMES.includes(name));
  return likely.length === 1 ? (likely[0] as string) : null;
}

function memberOf(value: unknown, name: string): Readonly<Record<string, unknown>> | null {
  const member = memberValue(value, name);
  return typeof member === 'object' && member !== null && !Array.isArray(member)
    ? (member as Record<string, unknown>)
    : null;
}

function memberValue(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
