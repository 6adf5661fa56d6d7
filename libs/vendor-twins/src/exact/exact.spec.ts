import { describe, expect, it } from 'vitest';
import { ask, FORM, SpecClock, type Asked, type AskOptions } from '../spec-kit.js';
import { memberText } from '../json.js';
import { ExactTwin } from './exact-twin.js';
import { EXACT_SCOPES } from './tokens.js';

class Drive {
  readonly clock = new SpecClock();
  readonly twin: ExactTwin;
  token: string;

  constructor(environment: 'qa' | 'production' = 'qa') {
    this.twin = new ExactTwin({ seed: 'spec', origin: 'https://exact.example', clock: this.clock.read, environment });
    this.twin.addClient({ id: 'us', secret: 'hidden' });
    this.twin.addPractice({ id: 'UK1', records: { appointment: 120, patient: 200 } });
    this.token = memberText(this.newToken(EXACT_SCOPES.join(' ')).json, 'access_token');
  }

  newToken(scope: string, basic = 'us:hidden'): Asked {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope }).toString();
    const authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
    return this.raw('/connect/token', { method: 'POST', headers: { 'content-type': FORM, authorization }, body });
  }

  api(path: string, options: AskOptions = {}): Asked {
    return this.raw(`/v1${path}`, {
      ...options,
      headers: { authorization: `Bearer ${this.token}`, ...options.headers },
    });
  }

  raw(path: string, options: AskOptions = {}): Asked {
    return ask((request) => this.twin.handle(request), path, options);
  }

  window(days: number, more = ''): Asked {
    const to = new Date(this.clock.now + days * 86_400_000).toISOString();
    return this.api(
      `/Practices/UK1/Appointments?from=${new Date(this.clock.now - 86_400_000 * days).toISOString()}&to=${to}${more}`,
    );
  }

  /** Every record of a list, by whichever way the continuation travels. */
  all(path: string): { ids: string[]; pages: Asked[] } {
    const pages: Asked[] = [];
    const ids: string[] = [];
    for (let token: string | null = null; ;) {
      const page: Asked = this.api(
        token === null
          ? path
          : `${path}${path.includes('?') ? '&' : '?'}continuationToken=${encodeURIComponent(token)}`,
      );
      pages.push(page);
      const rows = (Array.isArray(page.json) ? page.json : page.json['items']) as unknown as { id: string }[];
      ids.push(...rows.map(({ id }) => id));
      token =
        page.headers['x-continuation-token'] ??
        (page.json['continuationToken'] as unknown as string | null | undefined) ??
        null;
      if (token === null) return { ids, pages };
    }
  }
}

describe('tokens', () => {
  it('want Basic and only granted scopes, and name what they carry', () => {
    const one = new Drive();
    one.twin.addClient({ id: 'narrow', secret: 's', scopes: ['appointment.list'] });
    expect(one.newToken('appointment.list patient.list', 'narrow:s')).toMatchObject({
      status: 400,
      json: { error: 'invalid_scope' },
    });
    expect(one.newToken('appointment.list', 'narrow:wrong')).toMatchObject({
      status: 400,
      json: { error: 'invalid_client' },
    });
    expect(one.newToken('appointment.list', 'narrow:s').json).toMatchObject({
      expires_in: 3600,
      scope: 'appointment.list',
    });
    const body = 'grant_type=client_credentials&client_id=us&client_secret=hidden';
    expect(one.raw('/connect/token', { method: 'POST', headers: { 'content-type': FORM }, body }).json['error']).toBe(
      'invalid_client',
    );
    expect(one.raw('/.well-known/openid-configuration').json['token_endpoint']).toBe(
      'https://exact.example/connect/token',
    );
  });

  it('expire, and are good in their own environment only', () => {
    const qa = new Drive();
    const production = new Drive('production');
    production.token = qa.token;
    expect(qa.api('/Subscriptions/active').status).toBe(200);
    expect(production.api('/Subscriptions/active').status).toBe(401);
    qa.clock.pass(3_600_000);
    expect(qa.api('/Subscriptions/active').status).toBe(401);
  });

  it('decide what is answered: 403 without the scope, contact details by half', () => {
    const drive = new Drive();
    const id = memberText(drive.twin.records('UK1', 'patient')[0], 'id');
    expect(Object.keys(drive.api(`/Practices/UK1/Patients/${id}/ContactDetails`).json)).toEqual([
      'emailAddresses',
      'phoneNumbers',
    ]);
    drive.token = memberText(drive.newToken('patient.get patient.get.contactdetails.phone').json, 'access_token');
    expect(Object.keys(drive.api(`/Practices/UK1/Patients/${id}/ContactDetails`).json)).toEqual(['phoneNumbers']);
    expect(drive.api('/Practices/UK1/Patients').status).toBe(403);
  });
});

describe('lists', () => {
  it('are cut by size and go on by an opaque token in a header, or in a wrapper', () => {
    const drive = new Drive();
    const { ids, pages } = drive.all('/Practices/UK1/Patients');
    expect(new Set(ids).size).toBe(200);
    expect(pages.length).toBeGreaterThan(3);
    drive.twin.pages.form = 'wrapper';
    drive.twin.pages.emptyEvery = 2;
    const wrapped = drive.all('/Practices/UK1/Patients');
    expect(wrapped.ids).toEqual(ids);
    expect(wrapped.pages.some((page) => (page.json['items'] as unknown as unknown[]).length === 0)).toBe(true);
  });

  it('refuse a token that is expired, of another list, or forged', () => {
    const drive = new Drive();
    const token = encodeURIComponent(drive.api('/Practices/UK1/Patients').headers['x-continuation-token'] ?? '');
    const again = (path: string): number => drive.api(`${path}continuationToken=${token}`).status;
    expect(again('/Practices/UK1/Patients?')).toBe(200);
    expect(again('/Practices/UK1/Patients?status=x&')).toBe(400);
    expect(again('/Practices/UK1/Practitioners?')).toBe(400);
    expect(drive.api('/Practices/UK1/Patients?continuationToken=abc').status).toBe(400);
    drive.clock.pass(300_001);
    expect(again('/Practices/UK1/Patients?')).toBe(400);
  });

  it('of appointments want strict dates with an offset and hold what starts in the window', () => {
    const drive = new Drive();
    const at = (from: string, to: string): number =>
      drive.api(`/Practices/UK1/Appointments?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`).status;
    expect(at('2026-03-01T00:00:00Z', '2026-03-20T00:00:00+02:00')).toBe(200);
    for (const bad of ['2026-03-01', '2026-03-01T00:00:00', '2026-03-01T00:00:00+0000', '2026-13-01T00:00:00Z', '']) {
      expect([bad, at(bad, '2026-03-20T00:00:00Z')]).toEqual([bad, 400]);
    }
    expect(drive.api('/Practices/UK1/Appointments').status).toBe(400);
    // An unencoded plus arrives as a space.
    expect(drive.api('/Practices/UK1/Appointments?from=2026-03-01T00:00:00+00:00&to=2026-03-20T00:00:00Z').status).toBe(
      400,
    );
    const near = drive.window(2).json as unknown as { startDate: string }[];
    const [from, to] = [drive.clock.now - 2 * 86_400_000, drive.clock.now + 2 * 86_400_000];
    expect(near.length).toBeGreaterThan(0);
    const every = drive.twin.records('UK1', 'appointment').map((one) => Date.parse(memberText(one, 'startDate')));
    expect(near.map(({ startDate }) => Date.parse(startDate))).toEqual(
      every.filter((start) => start >= from && start <= to).sort((a, b) => a - b),
    );
  });
});

describe('objects', () => {
  it('are found in any case, have mixed spellings, and share ids between practices', () => {
    const drive = new Drive();
    drive.twin.addPractice({ id: 'UK2' });
    const ids = drive.twin.records('UK1', 'appointment').map((one) => memberText(one, 'id'));
    expect(ids.some((id) => id !== id.toLowerCase())).toBe(true);
    expect(ids.some((id) => id === id.toLowerCase())).toBe(true);
    const [id = ''] = ids;
    expect(drive.api(`/Practices/UK1/Appointments/${id.toUpperCase()}`).text).toBe(
      drive.api(`/Practices/UK1/Appointments/${id.toLowerCase()}`).text,
    );
    expect(drive.api(`/Practices/UK2/Appointments/${id}`).status).toBe(200);
    expect(drive.api('/Practices/UK1/Appointments/00000000-0000-0000-0000-000000000000').status).toBe(404);
  });

  it('keep a GUID that was given from outside, and take partial changes', () => {
    const drive = new Drive();
    const guid = 'ABCDEF00-0000-0000-0000-00000000000a';
    drive.twin.put('UK1', 'appointment', guid, { startDate: '2026-03-11T12:00:00Z', status: 'Pending' });
    const url = `/Practices/UK1/Appointments/${guid.toLowerCase()}`;
    expect(drive.api(url).json).toMatchObject({ id: guid, status: 'Pending' });
    drive.clock.pass(60_000);
    const patched = drive.api(url, { method: 'PATCH', body: { status: 'Arrived' } });
    expect(patched).toMatchObject({
      status: 200,
      json: { id: guid, status: 'Arrived', startDate: '2026-03-11T12:00:00Z', lastUpdatedDate: '2026-03-11T10:01:00Z' },
    });
    expect(drive.api(url, { method: 'PATCH', body: { status: 'Moon' } }).status).toBe(400);
    drive.twin.practice('UK1').state.conflicts.add(guid.toLowerCase());
    expect(drive.api(url, { method: 'PATCH', body: { status: 'Completed' } }).status).toBe(409);
    drive.twin.practice('UK1').version = '13.842';
    expect(drive.api(url, { method: 'PATCH', body: {} }).status).toBe(501);
    expect(drive.twin.remove('UK1', 'appointment', guid)).toBe(true);
    expect(drive.api(url).status).toBe(404);
  });

  it('can go back to the status names of old', () => {
    const drive = new Drive();
    drive.twin.practice('UK1').state.statusNames = 'old';
    const statuses = new Set(drive.twin.records('UK1', 'appointment').map(({ status }) => status));
    expect(statuses).toContain('Booked');
    expect(statuses).not.toContain('Pending');
  });
});

describe('practices', () => {
  it('are listed while they are subscribed, and refused afterwards', () => {
    const drive = new Drive();
    drive.twin.addPractice({ id: 'UK2' });
    const listed = (): unknown => drive.api('/Subscriptions/active').json;
    expect(listed()).toEqual(['UK1', 'UK2']);
    drive.twin.gateway.hideOnce.add('UK1');
    expect(listed()).toEqual(['UK2']);
    expect(listed()).toEqual(['UK1', 'UK2']);
    drive.twin.practice('UK1').subscribed = false;
    expect(listed()).toEqual(['UK2']);
    expect(drive.api('/Practices/UK1/details').status).toBe(403);
    expect(drive.api('/Practices/NONE/details').status).toBe(404);
    drive.twin.gateway.emptySubscriptions = true;
    expect(listed()).toEqual([]);
    drive.twin.gateway.subscriptionFault = 500;
    expect(drive.api('/Subscriptions/active').status).toBe(500);
  });

  it('fail each in its own way, the details excepted, and alone', () => {
    const drive = new Drive();
    drive.twin.addPractice({ id: 'UK2' });
    const { state } = drive.twin.practice('UK1');
    for (const [mode, status] of [
      ['offline', 503],
      ['faulty', 502],
      ['timeout', 504],
      ['online', 200],
    ] as const) {
      state.mode = mode;
      const statusOf = (path: string): number => drive.api(`/Practices/${path}`).status;
      expect([mode, statusOf('UK1/Patients'), statusOf('UK1/details'), statusOf('UK2/Patients')]).toEqual([
        mode,
        status,
        200,
        200,
      ]);
    }
    drive.twin.gateway.mode = 'fault';
    expect(drive.api('/Practices/UK2/Patients').status).toBe(500);
  });

  it('can fail on one record, alone and on every page with it', () => {
    const drive = new Drive();
    const id = String((drive.window(1).json as unknown as { id: string }[])[0]?.id);
    drive.twin.practice('UK1').state.faultyRecords.add(id.toLowerCase());
    expect(drive.api(`/Practices/UK1/Appointments/${id}`).status).toBe(502);
    expect(drive.window(1).status).toBe(502);
    expect(drive.api('/Practices/UK1/Patients').status).toBe(200);
    const start = Date.parse(memberText(drive.twin.record('UK1', 'appointment', id), 'startDate'));
    const beside = `from=${new Date(start + 1).toISOString()}&to=${new Date(start + 86_400_000).toISOString()}`;
    expect(drive.api(`/Practices/UK1/Appointments?${beside}`).status).toBe(200);
  });

  it('can time out on long windows only, or be slow', () => {
    const drive = new Drive();
    drive.twin.practice('UK1').state.timeoutLongerThanDays = 7;
    expect(drive.window(10).status).toBe(504);
    expect(drive.window(3).status).toBe(200);
    drive.twin.practice('UK1').state.delayMs = 4000;
    const headers = { authorization: `Bearer ${drive.token}` };
    expect(drive.twin.handle({ method: 'GET', url: '/v1/Practices/UK1/Patients', headers, body: '' })).toMatchObject({
      status: 200,
      delayMs: 4000,
    });
  });

  it('write errors as text, plain and as JSON', () => {
    const drive = new Drive();
    const types = new Set<string>();
    for (let call = 0; call < 20; call++) {
      const { text, headers } = drive.api('/Practices/NONE/Patients');
      types.add(headers['content-type'] ?? '');
      expect(text.replaceAll('"', '')).toBe('Unknown practice');
    }
    expect(types).toEqual(new Set(['text/plain; charset=utf-8', 'application/json']));
  });
});
