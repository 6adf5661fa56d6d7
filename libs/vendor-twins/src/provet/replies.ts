import { jsonText, type JsonValue } from '../json.js';
import { jsonResponse, response, type TwinResponse } from '../http.js';

/** The vendor's answers other than data. Wording is the framework's; clients must not match on it. */
export function detail(status: number, text: string, headers: Record<string, string> = {}): TwinResponse {
  return jsonResponse(status, JSON.stringify({ detail: text }), headers);
}

export const notFound = (): TwinResponse => detail(404, 'Not found.');
export const htmlNotFound = (): TwinResponse =>
  response(
    404,
    { 'content-type': 'text/html; charset=utf-8' },
    '<!doctype html><title>Not Found</title><h1>Not Found</h1>',
  );
export const forbidden = (): TwinResponse => detail(403, 'You do not have permission to perform this action.');
export const methodNotAllowed = (method: string, allow: readonly string[]): TwinResponse =>
  detail(405, `Method "${method}" not allowed.`, { allow: allow.join(', ') });
export const throttled = (seconds: number): TwinResponse =>
  detail(429, `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`, {
    'retry-after': String(seconds),
  });
export const unauthorized = (text: string): TwinResponse =>
  detail(401, text, { 'www-authenticate': 'Bearer realm="api"' });

/** 400 with a list of messages for each member, or a plain string where the application itself refuses. */
export function invalid(problems: Record<string, string | string[]>): TwinResponse {
  return jsonResponse(400, JSON.stringify(problems));
}

export function json(status: number, value: JsonValue, floats?: ReadonlySet<string>): TwinResponse {
  return jsonResponse(status, jsonText(value, floats));
}
