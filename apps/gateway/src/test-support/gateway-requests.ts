import { request as httpRequest } from 'node:http';
import { webhookKey, webhookSigningKey } from '@relay/contracts';
import { expect } from 'vitest';
import { HOST, keys } from './running-gateway.js';

export const TENANT = `provet:${HOST}:9`;
export const FORM = 'application/x-www-form-urlencoded';

/** Posts bytes as they are, under any type or none. */
export function post(url: string, body: string, type: string | null): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: type === null ? {} : { 'content-type': type },
  });
}

/** The path of a webhook of the tenant; its own key unless another is given. */
export function hookPath(trigger: number | string, host = encodeURIComponent(HOST), key?: string): string {
  const own = webhookKey(webhookSigningKey(keys.WEBHOOK_KEYS), TENANT, trigger as 'any');
  return `/webhooks/provet/${host}/9/${trigger}/${key ?? own}`;
}

/** The body of an answer that must be a problem of this status, and must show neither code nor anything planted. */
export async function problem(response: Promise<Response>, status: number): Promise<Record<string, unknown>> {
  const answer = await response;
  const text = await answer.text();
  expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
    status,
    type: expect.stringMatching(/^application\/problem\+json/) as string,
  });
  expect(text).not.toMatch(/at .*\.(js|ts):\d/);
  expect(text).not.toContain('planted');
  return JSON.parse(text) as Record<string, unknown>;
}

/** Sends only the head of a request and never its body; resolves with the status that comes all the same. */
export function statusBeforeBody(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(url, { method: 'POST', headers }, (response) => {
      resolve(response.statusCode ?? 0);
      sending.destroy();
    });
    sending.on('error', reject);
    sending.flushHeaders();
  });
}
