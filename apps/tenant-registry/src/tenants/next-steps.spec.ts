import type { SyncStatusValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { nextStepsOf } from './next-steps.js';

type About = Pick<SyncStatusValue, 'resource'> &
  Partial<Pick<SyncStatusValue, 'webhooks' | 'access' | 'reason' | 'presence'>>;
const steps = (...about: About[]): string[] => nextStepsOf(about as SyncStatusValue[]);
const webhooks = { state: 'forbidden', permission: 'Settings: X', departmentOnly: false, queue: 'not-read' } as const;

describe('next steps of a tenant', () => {
  it('are none where all is in place, or nothing is known yet', () => {
    expect(
      steps({ resource: 'client' }, { resource: 'patient', webhooks: { ...webhooks, state: 'in-place' } }),
    ).toEqual([]);
  });

  it('name the permission, and the way without it', () => {
    const [step, ...more] = steps({ resource: 'client', webhooks }, { resource: 'patient', webhooks });
    expect(step).toMatch(/"Settings: X".*client, patient.*webhook-urls/);
    expect(more).toEqual([]);
  });

  it('tell of what only departments announce', () => {
    const missing = { ...webhooks, state: 'missing', permission: null, departmentOnly: true } as const;
    expect(steps({ resource: 'client', webhooks: missing })).toEqual([
      expect.stringMatching(/missing for client.*webhook-urls/),
      expect.stringMatching(/single departments.*client/),
    ]);
  });

  it('name each permission once, with all that it opens', () => {
    const access = { standing: 'forbidden', permission: 'General: Y', checkedAt: '2026-11-26T12:00:00.000Z' } as const;
    expect(steps({ resource: 'client', access }, { resource: 'patient', access })).toEqual([
      expect.stringMatching(/"General: Y".*client, patient/),
    ]);
  });

  it.each([
    ['scope-missing: patient.list', /vendor to grant.*patient\.list/],
    ['version-too-old: 13.856', /update EXACT.*13\.856/],
    ['credential-rejected', /client itself.*EXACT_CLIENT_SECRET/],
    ['subscription-doubtful', /vendor about its subscription/],
  ])('tell apart who can mend what EXACT refuses: %s', (reason, step) => {
    expect(steps({ resource: 'patient', reason }, { resource: 'appointment', reason })).toEqual([
      expect.stringMatching(step),
    ]);
  });

  it('ask for a practice only when its silence is unusual', () => {
    const presence = {
      standing: 'sleeping',
      since: '2026-11-26T18:00:00.000Z',
      expectedAt: null,
      unexpected: false,
    } as const;
    expect(steps({ resource: 'patient', reason: 'sleeping', presence })).toEqual([]);
    const broken = { ...presence, standing: 'broken', unexpected: true } as const;
    expect(steps({ resource: 'patient', reason: 'not-answering', presence: broken })).toEqual([
      expect.stringMatching(/since 2026-11-26T18:00/),
    ]);
  });
});
