import { expect, it } from 'vitest';
import { HostGate } from './host-gate.js';

const fail = (gate: HostGate, times: number, now = 0) => {
  for (let i = 0; i < times; i++) gate.ended('h', false, now);
};

it('lets everything through until a host has failed so often in a row', () => {
  const gate = new HostGate(3);
  fail(gate, 2);
  expect(gate.mayStart('h', 0)).toBe(true);
  gate.ended('h', true, 0);
  fail(gate, 2);
  expect(gate.silent(0)).toEqual([]);
  fail(gate, 1);
  expect(gate.silent(0)).toEqual(['h']);
  expect(gate.mayStart('h', 0)).toBe(false);
  expect(gate.mayStart('other', 0)).toBe(true);
});

it('lets one ask now and then, and no other beside it', () => {
  const gate = new HostGate(3);
  fail(gate, 3);
  const at = gate.nextProbeInMs(0) as number;
  expect(at).toBe(3000);
  expect(gate.silent(at)).toEqual([]);
  expect(gate.nextProbeInMs(at)).toBeNull();
  expect(gate.mayStart('h', at)).toBe(true);
  expect(gate.mayStart('h', at)).toBe(false);
  gate.ended('h', false, at + 500);
  expect(gate.mayStart('h', at + 1000)).toBe(false);
  expect(gate.mayStart('h', at + 3500)).toBe(true);
});

it('opens with the first answer, and says so once', () => {
  const gate = new HostGate(3);
  fail(gate, 3);
  expect(gate.ended('h', null, 3000)).toBe(false);
  expect(gate.ended('h', true, 3000)).toBe(true);
  expect(gate.mayStart('h', 3000)).toBe(true);
  expect(gate.ended('h', true, 3000)).toBe(false);
  expect(gate.nextProbeInMs(3000)).toBeNull();
});
