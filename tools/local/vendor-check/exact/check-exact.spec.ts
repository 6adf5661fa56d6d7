import { EXACT_BASE_SCOPES } from '@relay/contracts';
import type { Script } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { Unreachable } from '../check-calls.ts';
import { EXIT, exitCodeOf, type CheckResult, type Finding } from '../finding.ts';
import { settingLines } from '../render.ts';
import { contraryVendor } from '../test-support/contrary-vendor.ts';
import { exactWorld } from '../test-support/exact-world.ts';

const byId = ({ findings }: CheckResult): Map<string, Finding> => new Map(findings.map((one) => [one.id, one]));
const findingOf = (result: CheckResult, id: string): string | undefined => byId(result).get(id)?.finding;

describe('the check of an EXACT practice', () => {
  it('contradicts nothing at a practice that is as the relay assumes, and only reads', async () => {
    const { check, http } = exactWorld();
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

  it('says of every single statement what this vendor does: of one that does all otherwise it says something else', async () => {
    const usual = byId(await exactWorld().check());
    const contrary = byId(await exactWorld({ change: contraryVendor, tokenSeconds: 600 }).check());
    expect([...contrary.keys()]).toEqual([...usual.keys()]);
    const same = [...usual.values()].filter(({ id, finding }) => contrary.get(id)?.finding === finding);
    expect(same.map(({ id, finding }) => `${id}: ${finding}`)).toEqual([]);
  });

  it('never prints what a record holds, nor a token', async () => {
    const { check, twin } = exactWorld();
    const text = JSON.stringify((await check()).findings);
    const patient = twin.records('UKTEST1', 'patient')[0] as { lastName: string; id: string };
    expect(text).not.toContain(patient.id);
    expect(text).not.toMatch(new RegExp(`\\b${patient.lastName}\\b`));
    expect(text).not.toContain('Bearer');
  });

  it('says which setting reads a continuation that travels elsewhere', async () => {
    const { check, twin } = exactWorld({ records: 3_000 });
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
    const found = byId(await exactWorld({ change }).check());
    expect(found.get('details.version')?.contradicts).toContain('part by part');
    expect(found.get('details.zone')?.contradicts).toContain('600');
  });

  it('leaves untested what no scope is granted for', async () => {
    const result = await exactWorld().check([...EXACT_BASE_SCOPES, 'appointment.list', 'appointment.get']);
    expect(byId(result).get('patient.list')).toMatchObject({ confidence: 'untested' });
    expect(exitCodeOf(result.findings)).toBe(EXIT.notAllTested);
  });

  it('ends where nobody can be asked', async () => {
    const { check, twin } = exactWorld();
    twin.practice('UKTEST1').subscribed = false;
    await expect(check()).rejects.toThrow(Unreachable);
  });
});
