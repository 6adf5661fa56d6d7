import { readHookupMessage, type HookupVerdict } from '@relay/contracts';
import { Problem } from '@relay/service-kit';
import { describe, expect, it } from 'vitest';
import { asWritten, expandShortForm, isShortForm } from './short-form.js';

const CALLBACK = 'https://relay.example/oauth/callback';
const short = (over: Record<string, unknown> = {}) => ({
  apiUrl: 'https://us.provetcloud.com/4711/api/0.1/',
  clientId: 'client',
  clientSecret: 'planted-secret',
  grant: 'client_credentials',
  ...over,
});
const rules = { allowHttp: false, hostAllowed: (host: string) => host === 'us.provetcloud.com' };

const errorsOf = (verdict: HookupVerdict) => (verdict.kind === 'accepted' ? [] : verdict.errors);

function refused(body: Record<string, unknown>): string[] {
  try {
    expandShortForm(body, CALLBACK);
    return [];
  } catch (error) {
    const { detail, extra } = error as Problem;
    if (detail?.includes('planted') !== false) throw new Error('a value is repeated', { cause: error });
    return (extra['errors'] as { member: string }[]).map(({ member }) => member);
  }
}

describe('the short form of a registration', () => {
  it('stands for a whole message that passes the same checks', () => {
    const message = expandShortForm(short(), CALLBACK);
    expect(readHookupMessage(message, rules)).toMatchObject({
      kind: 'accepted',
      hookup: {
        tenantId: 'provet:us.provetcloud.com:4711',
        credentialId: 'provet:us.provetcloud.com:4711/client',
        grant: 'client_credentials',
        registration: {
          client_type: 'confidential',
          token_url: 'https://us.provetcloud.com/4711/oauth2/token/',
          authorize_url: 'https://us.provetcloud.com/4711/oauth2/authorize/',
        },
      },
    });
  });

  it('is a public client without a secret, and sends consent back to us', () => {
    const body = short({
      clientSecret: null,
      grant: 'authorization-code',
      apiUrl: 'https://us.provetcloud.com/4711/api/0.1',
    });
    expect(expandShortForm(body, CALLBACK)).toMatchObject({ client_type: 'public', redirect_uris: CALLBACK });
  });

  it.each([
    'us.provetcloud.com/4711/api/0.1/',
    'https://us.provetcloud.com/4711/',
    'https://us.provetcloud.com/api/0.1/',
    'https://us.provetcloud.com/0/api/0.1/',
    'https://us.provetcloud.com/4711/api/0.1/client/',
    'https://us.provetcloud.com/4711/api/0.2/',
    'https://planted@us.provetcloud.com/4711/api/0.1/',
    'https://us.provetcloud.com/4711/api/0.1/?x=planted',
    'ftp://us.provetcloud.com/4711/api/0.1/',
    4711,
    null,
  ])('refuses %j as the address of an API', (apiUrl) => {
    expect(refused(short({ apiUrl }))).toEqual(['apiUrl']);
  });

  it('names every bad member as it was written', () => {
    expect(refused({ apiUrl: 'planted', other: 'planted' })).toEqual(
      expect.arrayContaining(['clientId', 'clientSecret', 'grant', 'other', 'apiUrl']),
    );
    expect(refused(short({ grant: 'password' }))).toEqual(['grant']);
    expect(refused(short({ clientSecret: null }))).toEqual(['clientSecret']);
  });

  it('translates what is wrong with the message back', () => {
    const verdict = readHookupMessage(expandShortForm(short({ clientId: 5 }), CALLBACK), rules);
    expect(asWritten(errorsOf(verdict))).toEqual([{ member: 'clientId', problem: expect.any(String) as string }]);
    const elsewhere = readHookupMessage(
      expandShortForm(short({ apiUrl: 'https://x.example/1/api/0.1/' }), CALLBACK),
      rules,
    );
    expect(asWritten(errorsOf(elsewhere))).toHaveLength(1);
  });

  it('is told from the message by its address', () => {
    expect(isShortForm(short())).toBe(true);
    for (const other of [null, [], 'apiUrl', { provet_id: 1 }]) expect(isShortForm(other)).toBe(false);
  });
});
