import { describe, expect, it } from 'vitest';
import { ProvetDrive } from '../spec-kit.js';

describe('rate limits', () => {
  it('count a rolling minute for each operation', () => {
    const drive = new ProvetDrive();
    for (let second = 0; second < 60; second++) {
      expect([second, drive.api('/invoice/').status]).toEqual([second, 200]);
      drive.clock.pass(500);
    }
    // Half a minute has passed: the first call leaves the window in thirty seconds.
    expect(drive.api('/invoice/')).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
    expect(drive.api('/invoice/1/').status).toBe(200);
    expect(drive.api('/client/').status).toBe(200);
    drive.clock.pass(29_999);
    expect(drive.api('/invoice/').status).toBe(429);
    drive.clock.pass(1);
    expect(drive.api('/invoice/').status).toBe(200);
    expect(drive.api('/invoice/').status).toBe(429);
  });

  it('weigh a page by its size: three pages of a thousand invoices fill a minute', () => {
    const drive = new ProvetDrive();
    for (let page = 0; page < 3; page++) expect(drive.api('/invoice/?page_size=1000').status).toBe(200);
    expect(drive.api('/invoice/')).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
  });

  it('tell how long until there is room for the weight that was asked for', () => {
    const drive = new ProvetDrive();
    drive.api('/invoice/?page_size=500');
    drive.clock.pass(10_000);
    drive.api('/invoice/?page_size=1000');
    drive.clock.pass(10_000);
    drive.api('/invoice/?page_size=1000');
    expect(drive.api('/invoice/?page_size=500').status).toBe(200);
    expect(drive.api('/invoice/?page_size=500').headers['retry-after']).toBe('40');
    expect(drive.api('/invoice/?page_size=1000').headers['retry-after']).toBe('50');
  });

  it('are kept for each user apart, and can be replaced or switched off', () => {
    const drive = new ProvetDrive();
    drive.tenant.switches.limitOverrides['client.list'] = 1;
    expect(drive.api('/client/').status).toBe(200);
    expect(drive.api('/client/').status).toBe(429);
    drive.tenant.setCredential('second', 'other');
    drive.token = drive.newToken();
    expect(drive.api('/client/').status).toBe(200);
    drive.tenant.switches.limits = false;
    expect(drive.api('/client/').status).toBe(200);
  });
});
