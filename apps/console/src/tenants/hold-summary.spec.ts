import { describe, expect, it } from 'vitest';
import { holdSummary } from './hold-summary.js';

const hold = { holdId: 'h', tenantId: 'provet:vet.example.com:9', environment: null, raisedAt: '2026-01-01T00:00:00Z' };

describe('holdSummary', () => {
  it('tells what the page has words for, and nothing else', () => {
    const detail = { resource: 'client', count: 30, since: '2026-01-01T00:00:00Z', sealed: 'x' };
    expect(holdSummary({ ...hold, kind: 'deletions', detail })).toEqual({
      holdId: 'h',
      kind: 'deletions',
      subject: 'provet:vet.example.com:9',
      raisedAt: '2026-01-01T00:00:00Z',
      facts: { resource: 'client', count: 30, since: '2026-01-01T00:00:00Z' },
    });
  });

  it('counts the practices that a list does not name, and names the environment', () => {
    const detail = { lost: ['exact:qa:a', 'exact:qa:b'], limit: 2, listed: 0, observedAt: '2026-01-01T00:00:00Z' };
    const summary = holdSummary({ ...hold, tenantId: null, environment: 'qa', kind: 'mass-loss', detail });
    expect(summary).toMatchObject({ subject: 'qa', facts: { lost: 2, limit: 2, listed: 0 } });
  });

  it('shows a kind that it does not know by its name', () => {
    expect(holdSummary({ ...hold, kind: 'new-kind', detail: { secret: 'x' } }).facts).toEqual({});
  });
});
