import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommonAbsence } from './common-absence.js';
import { GatewayOutage } from './gateway-outage.js';

describe('a gateway that is out', () => {
  it('is told when nearly all that had answered fail, and over with the first answer', () => {
    const outage = new GatewayOutage();
    for (let i = 0; i < 20; i += 1) outage.answered(i);
    const told = Array.from({ length: 20 }, (_, i) => outage.failed(`t${i}`, 100 + i));
    // The answers from before are looked at as well, so that one practice in five may always fail.
    expect(told.findIndex((forgiven) => forgiven !== null)).toBe(15);
    expect(told[15]).toHaveLength(16);
    expect(outage.outSince(200)).toBe(100);
    outage.answered(200);
    expect(outage.outSince(200)).toBeNull();
  });

  it('is not one for longer than half an hour: a few practices that close together look the same', () => {
    const outage = new GatewayOutage();
    for (let i = 0; i < 5; i += 1) outage.failed(`t${i}`, i);
    expect(outage.outSince(1_800_000)).toBe(0);
    expect(outage.outSince(1_800_001)).toBeNull();
    for (let i = 5; i < 20; i += 1) expect(outage.failed(`t${i}`, 1_900_000)).toBeNull();
    outage.answered(2_000_000);
    expect(
      Array.from({ length: 20 }, (_, i) => outage.failed(`u${i}`, 2_000_001 + i)).some((one) => one !== null),
    ).toBe(true);
  });

  it('is not over with what slow ones answer to what they were asked before, however many they are', () => {
    const outage = new GatewayOutage();
    for (let i = 0; i < 16; i += 1) outage.failed(`t${i}`, 100 + i);
    for (let i = 0; i < 40; i += 1) outage.answered(90);
    expect(outage.outSince(300)).toBe(100);
    outage.answered(250);
    expect(outage.outSince(300)).toBeNull();
    // Nor does it count as an answer of then.
    for (let i = 0; i < 40; i += 1) outage.answered(90);
    expect(Array.from({ length: 16 }, (_, i) => outage.failed(`t${i}`, 310 + i)).at(-1)).toHaveLength(16);
  });

  it('is told again when it is out again within minutes, and the same fail', () => {
    const outage = new GatewayOutage();
    const fail = (from: number) => Array.from({ length: 16 }, (_, i) => outage.failed(`t${i}`, from + i));
    for (let i = 0; i < 20; i += 1) outage.answered(i);
    expect(fail(100).at(-1)).toHaveLength(16);
    for (let i = 0; i < 20; i += 1) outage.answered(200 + i);
    expect(fail(300).at(-1)).toHaveLength(16);
  });

  it('is not a practice that fails again and again, nor a few', () => {
    const outage = new GatewayOutage();
    for (let i = 0; i < 50; i += 1) expect(outage.failed('t1', i)).toBeNull();
    for (const id of ['t2', 't3', 't4']) expect(outage.failed(id, 60)).toBeNull();
  });

  it('is never told while at least three in ten answer between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 100 }), (lots) => {
        const outage = new GatewayOutage();
        let now = 0;
        for (const lot of lots) {
          for (let k = 0; k < 7; k += 1) outage.failed(`dead-${lot}-${k}`, (now += 10));
          for (let k = 0; k < 3; k += 1) outage.answered((now += 10));
          // Only the run of failures at a beginning may look like one.
          expect(now > 400 && outage.outSince(now) !== null).toBe(false);
        }
      }),
    );
  });
});

describe('a day off of many', () => {
  it('is one of a group, from three and from a share on, and over when they are there', () => {
    const absence = new CommonAbsence();
    for (let i = 0; i < 20; i += 1) absence.note(`gb-${i}`, 'GB', i < 3 ? 'absent' : 'here');
    for (let i = 0; i < 2; i += 1) absence.note(`nz-${i}`, 'NZ', 'absent');
    expect(absence.common()).toEqual(['GB']);
    absence.note('gb-0', 'GB', 'here');
    expect(absence.isCommon('GB')).toBe(false);
    absence.note('gb-4', 'GB', null);
    absence.note('gb-4', 'GB', null);
    absence.note('gb-0', 'GB', 'absent');
    expect(absence.isCommon('GB')).toBe(true);
  });
});
