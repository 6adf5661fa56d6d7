import { describe, expect, it } from 'vitest';
import { memberText } from '../json.js';
import { FORM, ProvetDrive } from '../spec-kit.js';

describe('the REST API', () => {
  it('answers 301 without the slash, keeping the query', () => {
    const answer = new ProvetDrive().api('/client?page=2');
    expect(answer).toMatchObject({ status: 301, headers: { location: '/7/api/0.1/client/?page=2' } });
  });

  it("answers in the framework's forms: 401, 404, 405, 400 as list and as plain text", () => {
    const drive = new ProvetDrive();
    expect(drive.raw('/7/api/0.1/client/')).toMatchObject({ status: 401 });
    expect(drive.raw('/7/api/0.1/client/', { headers: { authorization: 'Bearer other' } })).toMatchObject({
      status: 401,
    });
    expect(drive.api('/client/999999/')).toMatchObject({ status: 404, text: '{"detail":"Not found."}' });
    expect(drive.raw('/8/api/0.1/client/')).toMatchObject({ status: 404 });
    expect(drive.api('/invoice/', { method: 'POST', body: {} })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, OPTIONS' },
    });
    expect(drive.api('/client/', { method: 'POST', body: { firstname: '' } }).json).toMatchObject({
      patients: ['This field is required.'],
      firstname: ['This field may not be blank.'],
    });
    drive.tenant.switches.wantsCommunicationPreferences = true;
    expect(drive.api('/consultation/', { method: 'POST', body: {} })).toMatchObject({
      status: 400,
      json: { client: 'Please update communication preferences' },
    });
    expect(
      drive.api('/client/', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }).status,
    ).toBe(400);
  });

  it('refuses one permission and leaves the others', () => {
    const drive = new ProvetDrive();
    drive.tenant.forbid('Financial: Invoices');
    expect(drive.api('/invoice/')).toMatchObject({ status: 403 });
    expect(drive.api('/invoice/1/')).toMatchObject({ status: 403 });
    expect(drive.api('/client/').status).toBe(200);
    drive.tenant.forbid('hooks');
    expect(drive.api('/hook/webhook/').status).toBe(403);
    expect(drive.api('/hook/webhook/', { method: 'OPTIONS' }).status).toBe(403);
    expect(drive.api('/user/current/active_permissions/').text).not.toContain('Invoices');
    drive.tenant.forbid('Financial: Invoices', false);
    expect(drive.api('/invoice/').status).toBe(200);
  });

  it('answers 404 to everything once the tenant is closed', () => {
    const drive = new ProvetDrive();
    drive.tenant.switches.closed = 'html';
    for (const path of ['/7/api/0.1/client/', '/7/api/0.1/client/1/', '/7/oauth2/token/']) {
      expect(drive.raw(path)).toMatchObject({ status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } });
    }
  });

  it('spells floats with their point and times both ways', () => {
    const drive = new ProvetDrive({ offsetMinutes: -300 });
    drive.twin.put(7, 'invoice', 1, { total: 49, due_sum: -0, send_date: '2026-01-01T10:00:00Z' });
    const { text } = drive.api('/invoice/1/');
    expect(text).toContain('"total":49.0,');
    expect(text).toContain('"due_sum":-0.0,');
    expect(text).toContain('"modified":"2026-03-11T05:00:00-05:00"');
    expect(text).toContain('"send_date":"2026-01-01T10:00:00Z"');
    expect(drive.api('/client/1/').text).toMatch(/"modified":"[^"]+Z"/);
  });

  it('gives a new record microseconds, and a changed one a later time', () => {
    const drive = new ProvetDrive();
    const made = drive.twin.put(7, 'client', null, { firstname: 'New' });
    const { id } = made;
    expect(made['modified']).toMatch(/T10:00:00\.\d{6}Z$/);
    drive.clock.pass(1);
    const later = drive.twin.put(7, 'client', Number(id), { firstname: 'Newer' });
    expect(Date.parse(memberText(later, 'modified'))).toBeGreaterThanOrEqual(Date.parse(memberText(made, 'modified')));
    expect(later).toMatchObject({
      id,
      firstname: 'Newer',
      created: drive.twin.record(7, 'client', Number(id))?.['created'],
    });
  });

  it('shows a change only when it has become visible', () => {
    const drive = new ProvetDrive();
    drive.hook(1);
    const before = drive.api('/client/4/').text;
    drive.twin.put(7, 'client', 4, { firstname: 'Soon' }, { visibleAfterMs: 500 });
    expect(drive.twin.dueDeliveries()).toHaveLength(1);
    expect(drive.api('/client/4/').text).toBe(before);
    drive.clock.pass(500);
    expect(drive.api('/client/4/').json['firstname']).toBe('Soon');
  });

  it('merges patients and clients', () => {
    const drive = new ProvetDrive();
    drive.twin.merge(7, 'patient', { survivor: 1, alias: 2 });
    expect(drive.api('/patient/2/').status).toBe(404);
    expect(drive.api('/patient/1/').json['merged_patient']).toEqual(['https://provet.example/7/api/0.1/patient/2/']);
    drive.twin.merge(7, 'client', { survivor: 5, alias: 6 });
    expect(drive.api('/client/6/').status).toBe(404);
    expect(drive.api('/patient/6/').json['client']).toBe('https://provet.example/7/api/0.1/client/5/');
  });
});

describe('the token endpoint', () => {
  const url = '/7/oauth2/token/';
  const post = (drive: ProvetDrive, type: string, body: string, authorization?: string) =>
    drive.raw(url, {
      method: 'POST',
      headers: { 'content-type': type, ...(authorization ? { authorization } : {}) },
      body,
    });

  it('takes forms of both kinds, Basic and body, and refuses JSON', () => {
    const drive = new ProvetDrive({ clientId: 'c', secret: 's:ö' });
    const basic = `Basic ${Buffer.from(`c:${encodeURIComponent('s:ö')}`).toString('base64')}`;
    expect(post(drive, FORM, 'grant_type=client_credentials', basic)).toMatchObject({
      status: 200,
      json: { expires_in: 36000, scope: 'restapi' },
    });
    expect(post(drive, FORM, 'grant_type=client_credentials&client_id=c&client_secret=s%3A%C3%B6').status).toBe(200);
    const parts = ['grant_type', 'client_credentials', 'client_id', 'c', 'client_secret', 's:ö'];
    const multipart = [0, 2, 4].map(
      (at) => `--B\r\nContent-Disposition: form-data; name="${parts[at]}"\r\n\r\n${parts[at + 1]}\r\n`,
    );
    expect(post(drive, 'multipart/form-data; boundary=B', `${multipart.join('')}--B--\r\n`).status).toBe(200);
    const json = JSON.stringify({ grant_type: 'client_credentials', client_id: 'c', client_secret: 's:ö' });
    expect(post(drive, 'application/json', json)).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(post(drive, FORM, 'grant_type=client_credentials&client_id=c&client_secret=x')).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    });
    expect(post(drive, FORM, 'grant_type=password', basic).json['error']).toBe('unsupported_grant_type');
    expect(post(drive, FORM, 'grant_type=client_credentials&scope=restapi+moon', basic).json['error']).toBe(
      'invalid_scope',
    );
  });

  it('keeps the old credential working beside a new one, and tokens until they expire or are revoked', () => {
    const drive = new ProvetDrive({ tokenSeconds: 60 });
    const old = drive.token;
    drive.tenant.setCredential('second', 'other');
    drive.token = drive.newToken();
    expect(drive.api('/client/').status).toBe(200);
    expect(drive.raw('/7/api/0.1/client/', { headers: { authorization: `Bearer ${old}` } }).status).toBe(200);
    drive.tenant.setCredential('client-7', 'third');
    expect(drive.twin.hookup(7)).toMatchObject({ client_id: 'client-7', client_secret: 'third' });
    drive.tenant.revokeTokens('second');
    expect(drive.api('/client/')).toMatchObject({ status: 401 });
    drive.token = old;
    expect(drive.api('/client/').status).toBe(200);
    drive.clock.pass(60_000);
    expect(drive.api('/client/').status).toBe(401);
  });
});
