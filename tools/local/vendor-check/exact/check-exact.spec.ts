import { EXACT_RESOURCES, exactScopeSet, exactScopesWanted, exactScopeText, EXACT_BASE_SCOPES } from '@relay/contracts';
import { ScriptedHttp, twinScript, type Script } from '@relay/testing';
import { ExactTwin } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { readList } from '../../../../apps/exact-sync/src/calls/continuation.js';
import { CATALOGUE } from '../../../../apps/exact-sync/src/catalogue/catalogue.js';
import { zoneOfCountry } from '../../../../apps/exact-sync/src/practice-time/zone-of-country.js';
import { compareVersions } from '../../../../apps/exact-sync/src/versions/exact-version.js';
import { minimumVersionOf } from '../../../../apps/exact-sync/src/versions/minimum-versions.js';
import { CheckCalls, Unreachable } from '../check-calls.ts';
import { EXIT, exitCodeOf, type CheckResult, type Finding } from '../finding.ts';
import { settingLines } from '../render.ts';
import { checkExact } from './check-exact.ts';
import type { CheckedResource } from './subject.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const API = 'https://qa-api.example.com';

interface World {
  readonly twin: ExactTwin;
  readonly http: ScriptedHttp;
  readonly check: (granted?: readonly string[]) => Promise<CheckResult>;
}

/** A twin's practice and a check of it, in one process. `change` lets the vendor answer otherwise. */
function world(change: (script: Script) => Script = (same) => same, records = 120): World {
  const twin = new ExactTwin({ seed: 'vendor-check', origin: API, clock: () => NOW });
  twin.addPractice({ id: 'UKTEST1', records, version: '13.860' });
  const http = new ScriptedHttp(change(twinScript(twin)));
  const tokenFor = (scopes: string): string => {
    const reply = twin.handle({
      method: 'POST',
      url: '/connect/token',
      headers: { authorization: `Basic ${btoa('c:s')}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&scope=${encodeURIComponent(scopes)}`,
    });
    return (JSON.parse(reply.kind === 'response' ? reply.body : '{}') as { access_token: string }).access_token;
  };
  const callsWith = (token: string, apiPath = 'v1/') =>
    new CheckCalls({
      send: (request) => http.send(request),
      tenantUrl: `${API}/`,
      apiPath,
      token,
      share: 0,
      newBudget: () => ({ take: () => ({ ok: true, waitMs: 0 }), correct: () => undefined }),
      wait: () => Promise.resolve(),
      now: () => NOW,
    });
  return {
    twin,
    http,
    check: (granted = exactScopesWanted(EXACT_RESOURCES)) => {
      twin.addClient({ id: 'c', secret: 's', scopes: granted });
      const held = new Map<string, CheckCalls | null>();
      const callsFor = (name: string): CheckCalls | null => {
        const resource = EXACT_RESOURCES.find((one) => one === name);
        const set = resource === undefined ? null : exactScopeSet(resource, granted);
        if (!held.has(name)) held.set(name, set?.kind === 'granted' ? callsWith(tokenFor(set.scopes)) : null);
        return held.get(name) ?? null;
      };
      return checkExact({
        callsFor,
        base: callsWith(tokenFor(exactScopeText(EXACT_BASE_SCOPES))),
        authority: callsWith('', ''),
        practiceId: 'UKTEST1',
        token: { publishedAt: NOW, expiresAt: NOW + 3_600_000 },
        resources: CATALOGUE.map(({ name, segment, reads }) => ({ name, segment, reads })) as CheckedResource[],
        configured: {
          header: 'x-continuation-token',
          member: 'continuationToken',
          tokenUrl: '',
          pastDays: 30,
          futureDays: 365,
        },
        connector: { readList, zoneOfCountry, compareVersions, minimumVersionOf },
        now: NOW,
      });
    },
  };
}

const byId = ({ findings }: CheckResult): Map<string, Finding> => new Map(findings.map((one) => [one.id, one]));
const findingOf = (result: CheckResult, id: string): string | undefined => byId(result).get(id)?.finding;

describe('the check of an EXACT practice', () => {
  it('contradicts nothing at a practice that is as the relay assumes, and only reads', async () => {
    const { check, http } = world();
    const result = await check();
    expect(result.findings.filter(({ contradicts }) => contradicts !== null)).toEqual([]);
    expect(http.requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(findingOf(result, 'token.lifetime')).toContain('3600 s');
    expect(findingOf(result, 'appointment.naive')).toBe('400, as documented');
    expect(findingOf(result, 'appointment.window')).toContain('every row lies in it');
    expect(findingOf(result, 'appointment.edges')).toContain('the first instant belongs to it');
    expect(findingOf(result, 'details.version')).toContain('13.860');
    expect(findingOf(result, 'details.zone')).toContain('Europe/London');
  });

  it('never prints what a record holds, nor a token', async () => {
    const { check, twin } = world();
    const text = JSON.stringify((await check()).findings);
    const patient = twin.records('UKTEST1', 'patient')[0] as { lastName: string; id: string };
    expect(text).not.toContain(patient.id);
    expect(text).not.toMatch(new RegExp(`\\b${patient.lastName}\\b`));
    expect(text).not.toContain('Bearer');
  });

  it('says which setting reads a continuation that travels elsewhere', async () => {
    const { check, twin } = world(undefined, 3_000);
    twin.pages.header = 'x-next-continuation';
    const result = await check();
    expect(settingLines(result.findings)).toContain('EXACT_CONTINUATION_HEADER=x-next-continuation');
    expect(exitCodeOf(result.findings)).toBe(EXIT.contradicted);
  });

  it('tells of a version that cannot be compared, and of clocks that are not those of the country', async () => {
    const change =
      (script: Script): Script =>
      (request, index) => {
        const answer = script(request, index);
        const isDetails = request.url.endsWith('UKTEST1/details');
        if (!isDetails || typeof answer !== 'object' || ('status' in answer && answer.status !== 200)) return answer;
        const body = JSON.parse(JSON.stringify(answer)) as { body?: unknown };
        const details = typeof body.body === 'string' ? (JSON.parse(body.body) as object) : (body.body as object);
        return { ...answer, body: { ...details, pmsVersion: 'latest', practiceTimezoneUtcOffsetMinutes: 600 } };
      };
    const found = byId(await world(change).check());
    expect(found.get('details.version')?.contradicts).toContain('part by part');
    expect(found.get('details.zone')?.contradicts).toContain('600');
  });

  it('leaves untested what no scope is granted for', async () => {
    const result = await world().check([...EXACT_BASE_SCOPES, 'appointment.list', 'appointment.get']);
    expect(byId(result).get('patient.list')).toMatchObject({ confidence: 'untested' });
    expect(exitCodeOf(result.findings)).toBe(EXIT.notAllTested);
  });

  it('ends where nobody can be asked', async () => {
    const { check, twin } = world();
    twin.practice('UKTEST1').subscribed = false;
    await expect(check()).rejects.toThrow(Unreachable);
  });
});
