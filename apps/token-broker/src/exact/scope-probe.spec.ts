import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeScopes } from './scope-probe.js';

const SCOPES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];

/** An identity server that refuses a request for one scope too many, and does not say which. */
function vendor(granted: readonly string[]) {
  const asked: (readonly string[])[] = [];
  const ask = (scopes: readonly string[]) => {
    asked.push(scopes);
    const kind = scopes.every((scope) => granted.includes(scope)) ? ('granted' as const) : ('refused' as const);
    return Promise.resolve({ kind });
  };
  return { asked, ask };
}

describe('probing scopes', () => {
  it('finds exactly the granted ones, with less than two requests a scope, whatever was known before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(SCOPES),
        fc.subarray(SCOPES),
        fc.option(fc.tuple(fc.subarray(SCOPES), fc.subarray(SCOPES))),
        async (wanted, granted, before) => {
          const { asked, ask } = vendor(granted);
          const known = before && { granted: before[0], missing: before[1].filter((s) => !before[0].includes(s)) };
          const outcome = await probeScopes(wanted, known, ask);
          expect(outcome).toEqual({
            kind: 'found',
            capabilities: {
              granted: wanted.filter((scope) => granted.includes(scope)),
              missing: wanted.filter((scope) => !granted.includes(scope)),
            },
          });
          expect(asked.length).toBeLessThanOrEqual(Math.max(0, 2 * wanted.length - 1));
          expect(new Set(asked.map((scopes) => scopes.join(' '))).size).toBe(asked.length);
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });

  it('costs one request when all is granted, and one more for each that was missing before', async () => {
    const first = vendor(SCOPES);
    await probeScopes(SCOPES, null, first.ask);
    expect(first.asked).toEqual([SCOPES]);
    const later = vendor(SCOPES.slice(0, 7));
    await probeScopes(SCOPES, { granted: SCOPES.slice(0, 7), missing: ['h', 'i'] }, later.ask);
    expect(later.asked).toEqual([SCOPES.slice(0, 7), ['h'], ['i']]);
  });

  it('gives up at the first answer that says nothing about scopes', async () => {
    let asked = 0;
    const outcome = await probeScopes(SCOPES, null, () => {
      asked += 1;
      return Promise.resolve(asked === 1 ? { kind: 'refused' } : { kind: 'failed', failure: 'http-503' });
    });
    expect(outcome).toEqual({ kind: 'failed', failure: 'http-503' });
    expect(asked).toBe(2);
  });
});
