import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConsentWorld } from '../test-support/consent-world.js';
import { ConsentingBrowser } from '../test-support/consenting-browser.js';
import { newToken } from './consent-tokens.js';

const scope = fileScope();
let world: ConsentWorld;

beforeAll(async () => {
  world = await ConsentWorld.start(scope);
});

describe('a consent', () => {
  it('with OpenID makes a proven credential, and says who gave it', async () => {
    const made = await world.practice();
    const link = await world.invite(made);
    const browser = new ConsentingBrowser();
    const there = new URL(await world.goToVendor(browser, link));
    expect(Object.fromEntries(there.searchParams)).toMatchObject({
      client_id: made.clientId,
      response_type: 'code',
      redirect_uri: world.callbackUrl,
      scope: 'openid restapi',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(there.href).not.toContain(new URL(link).searchParams.get('invite'));
    const page = await world.consent(link, {}, browser);
    expect(page).toEqual({
      status: 200,
      title: 'Your practice is being connected',
      url: `${world.callbackUrl}?outcome=connected`,
    });
    const token = await world.topics.proven(made);
    world.planted.push(await world.topics.openToken(made, token));
    expect(world.topics.lastCredential(made.credentialId)).toMatchObject({ consentedBy: 'Ada Manager' });
    expect(await world.pageAt(new ConsentingBrowser(), link)).toMatchObject({
      status: 410,
      title: 'This link has been used',
    });
  });

  it('of a public client, without OpenID, works by PKCE alone; nobody is named', async () => {
    const made = await world.practice({ secret: null, openid: false });
    const link = await world.invite(made);
    expect(new URL(await world.goToVendor(new ConsentingBrowser(), link)).searchParams.get('scope')).toBe('restapi');
    expect((await world.consent(link)).status).toBe(200);
    await world.topics.proven(made);
    expect(world.topics.lastCredential(made.credentialId)?.consentedBy ?? null).toBeNull();
  });

  it('has its id token signed with the secret where the registration says HS256', async () => {
    const made = await world.practice({ algorithm: 'HS256' });
    expect((await world.consent(await world.invite(made))).title).toBe('Your practice is being connected');
    await world.topics.proven(made);
    expect(world.topics.lastCredential(made.credentialId)?.consentedBy).toBe('Ada Manager');
  });

  it('that is declined changes nothing, and the link works on', async () => {
    const made = await world.practice();
    const link = await world.invite(made);
    expect((await world.consent(link, { refuses: true })).title).toBe('Nothing was connected');
    expect(world.topics.lastCredential(made.credentialId)?.health).toBe('awaiting-consent');
    expect((await world.consent(link)).status).toBe(200);
    await world.topics.proven(made);
  });

  it('replaces one that works only if the invitation says so', async () => {
    const made = await world.practice();
    await world.consent(await world.invite(made));
    const first = await world.topics.proven(made);
    const again = await world.invite(made);
    expect(await world.pageAt(new ConsentingBrowser(), again)).toMatchObject({
      status: 409,
      title: 'Your practice is already connected',
    });
    const replacing = await world.invite(made, { replaceWorkingGrant: true });
    expect((await world.consent(replacing)).status).toBe(200);
    await until('another token', () => (world.topics.lastToken(made)?.version ?? 0) > first.version);
  });

  it('is not asked for where the vendor could not send the person back', async () => {
    const made = await world.practice({ redirect_uris: 'https://other.example/cb' });
    expect(await world.pageAt(new ConsentingBrowser(), await world.invite(made))).toMatchObject({
      status: 409,
      title: 'The integration is not set up completely',
    });
  });
});

describe('an invitation', () => {
  it('is good for its own tenant, until its end, and as long as it is published', async () => {
    const [made, other] = [await world.practice(), await world.practice()];
    const link = await world.invite(made);
    const stranger = new ConsentingBrowser();
    const elsewhere = link.replace(encodeURIComponent(made.tenantId), encodeURIComponent(other.tenantId));
    expect(await world.pageAt(stranger, elsewhere)).toMatchObject({ status: 404, title: 'This link is not known' });
    expect(
      (await world.pageAt(stranger, `${world.publicUrl}/oauth/provet/x/authorize?invite=${newToken()}`)).status,
    ).toBe(404);
    expect(await world.pageAt(stranger, link.replace(/invite=.*/, 'invite=..%2F')).then((page) => page.status)).toBe(
      404,
    );
    const expired = await world.invite(made, { expiresAt: new Date(Date.now() - 1000).toISOString() });
    expect(await world.pageAt(stranger, expired)).toMatchObject({ status: 410, title: 'This link has expired' });
    expect((await world.pageAt(stranger, link)).status).toBe(404);
  });

  it('is used up by one of two visits that come back with it', async () => {
    const made = await world.practice();
    const link = await world.invite(made);
    const [one, two] = [new ConsentingBrowser(), new ConsentingBrowser()];
    const first = await world.visit(one, link);
    const second = await world.visit(two, link);
    expect((await world.pageAt(one, first)).status).toBe(200);
    expect(await world.pageAt(two, second)).toMatchObject({ status: 410, title: 'This link has been used' });
    await world.topics.proven(made);
  });

  it('of a tenant that was withdrawn leads nowhere, also for who is at the vendor already', async () => {
    const made = await world.practice();
    const link = await world.invite(made);
    const browser = new ConsentingBrowser();
    const back = await world.visit(browser, link);
    await world.publish(made, { state: 'withdrawn', changedAt: new Date().toISOString() });
    await until('the invitation is gone', async () => {
      const { rowCount } = await world.broker.sql.query('select from consent_invite where tenant_id = $1', [
        made.tenantId,
      ]);
      return rowCount === 0;
    });
    expect((await world.pageAt(browser, back)).status).toBe(404);
    expect((await world.pageAt(browser, link)).status).toBe(404);
  });
});

it('leaves no secret, invite, code, state or token in clear: not in the database, not in a topic, not in the log', async () => {
  expect(await world.placesInClear()).toEqual([]);
});
