import { EXACT_BASE_SCOPES, EXACT_RESOURCES, exactScopeSet, exactScopesWanted, exactScopeText } from '@relay/contracts';
import { ScriptedHttp, twinScript, type Script } from '@relay/testing';
import { ExactTwin } from '@relay/vendor-twins';
import { readList } from '../../../../apps/exact-sync/src/calls/continuation.js';
import { CATALOGUE } from '../../../../apps/exact-sync/src/catalogue/catalogue.js';
import { zoneOfCountry } from '../../../../apps/exact-sync/src/practice-time/zone-of-country.js';
import { compareVersions } from '../../../../apps/exact-sync/src/versions/exact-version.js';
import { minimumVersionOf } from '../../../../apps/exact-sync/src/versions/minimum-versions.js';
import { CheckCalls } from '../check-calls.ts';
import type { CheckResult } from '../finding.ts';
import { checkExact } from '../exact/check-exact.ts';
import type { CheckedResource } from '../exact/subject.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const API = 'https://qa-api.example.com';

export interface ExactWorld {
  readonly twin: ExactTwin;
  readonly http: ScriptedHttp;
  readonly check: (granted?: readonly string[]) => Promise<CheckResult>;
}

interface WorldOptions {
  /** Lets the vendor answer otherwise. */
  readonly change?: (script: Script) => Script;
  readonly records?: number;
  readonly tokenSeconds?: number;
}

/** A twin's practice and a check of it, in one process. */
export function exactWorld({
  change = (same) => same,
  records = 120,
  tokenSeconds = 3_600,
}: WorldOptions = {}): ExactWorld {
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
        token: { publishedAt: NOW, expiresAt: NOW + tokenSeconds * 1_000 },
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
