import { describe, expect, it } from 'vitest';
import { pausesOf, resourceSpecs } from './resource-specs.js';

const PACE = { reconcileSeconds: 900, sweepSeconds: 86_400, notices: true };
const specOf = (name: string, notices = true) => resourceSpecs([name], { ...PACE, notices })[0];
const causes = (name: string, notices: boolean) =>
  specOf(name, notices)?.passes.map(({ name: pass, cause }) => [pass, cause]);

describe('what the checks of a resource call their finds', () => {
  it('is named after the check where notices come', () => {
    expect(causes('client', true)).toEqual([
      ['backfill', 'backfill'],
      ['reconcile', 'reconcile'],
      ['sweep', 'sweep'],
    ]);
  });

  it('is poll where none can come: without webhooks, or without a trigger of a change', () => {
    const polled = [
      ['backfill', 'backfill'],
      ['reconcile', 'poll'],
      ['sweep', 'poll'],
    ];
    expect(causes('client', false)).toEqual(polled);
    expect(causes('invoicerow', true)).toEqual(polled);
  });

  it('has no reconcile where changes cannot be asked for', () => {
    expect(causes('vatgroup', true)).toEqual([
      ['backfill', 'backfill'],
      ['sweep', 'poll'],
    ]);
    expect(specOf('vatgroup')).toMatchObject({ modifiedMember: null, hasNotices: false });
  });
});

describe('which trigger should have told of a change', () => {
  it.each([
    ['client', { created: 1, changed: 1 }],
    // Not the ones of drafts, of fees, or of what became of a consultation.
    ['invoice', { created: 9, changed: 9 }],
    ['consultation', { created: 3, changed: 3 }],
    ['diagnosticimaging_worklist', { created: 6, changed: 7 }],
    ['appointment_reminder', { created: 41, changed: 42 }],
    ['cashbookentry', { created: 67, changed: 67 }],
    ['patienthealthplan', { created: 54, changed: 54 }],
  ])('of %s', (name, triggers) => {
    expect(specOf(name)?.announcedBy).toEqual({ ...triggers, createdMember: 'created' });
  });

  it('is none where none can come', () => {
    expect(specOf('client', false)?.announcedBy).toBeUndefined();
    expect(specOf('invoicerow')?.announcedBy).toBeUndefined();
  });
});

describe('the pace of a resource', () => {
  it('is the operator’s own for the usual ones', () => {
    const pauses = specOf('client')?.passes.map(({ everySeconds }) => everySeconds);
    expect(pauses).toEqual([null, 900, 86_400]);
  });

  it('follows its class', () => {
    const of = (pace: Parameters<typeof pausesOf>[0], canFilter: boolean) => pausesOf(pace, canFilter, PACE);
    expect(of('fast', true)).toEqual({ reconcile: 300, sweep: 86_400 });
    expect(of('slow', true)).toEqual({ reconcile: 3_600, sweep: 86_400 });
    expect(of('rare', true)).toEqual({ reconcile: 21_600, sweep: 604_800 });
    expect(
      [of('fast', false), of('ordinary', false), of('slow', false), of('rare', false)].map((p) => p.sweep),
    ).toEqual([3_600, 21_600, 86_400, 604_800]);
  });

  it('never lets a whole reading come more rarely than the sweep that the operator asks for', () => {
    for (const pace of ['fast', 'ordinary', 'slow'] as const) {
      expect(pausesOf(pace, false, { ...PACE, sweepSeconds: 60 }).sweep).toBe(60);
    }
  });

  it('never becomes no pause at all', () => {
    expect(pausesOf('fast', true, { ...PACE, reconcileSeconds: 1 }).reconcile).toBe(1);
  });
});
