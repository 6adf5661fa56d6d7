import { describe, expect, it } from 'vitest';
import { EXACT_HOSTS } from './exact-settings.js';
import { exactWalls, provetWalls } from './outgoing-walls.js';

describe('walls around calls to EXACT', () => {
  it('allow the configured hosts alone, and the real ones only on public addresses', () => {
    const { api, authority } = EXACT_HOSTS.production;
    const walls = exactWalls([api, authority]);
    expect(walls).toMatchObject({ allowHttp: false, privateNames: false });
    expect(walls.allow?.allows('api.ex.softwareofexcellence.com')).toBe(true);
    expect(walls.allow?.allows('auth.softwareofexcellence.com')).toBe(true);
    expect(walls.allow?.allows('qa-api.ex.softwareofexcellence.com')).toBe(false);
    expect(walls.allow?.allows('api.ex.softwareofexcellence.com:8443')).toBe(false);
  });

  it('let an override lead where an operator says', () => {
    const walls = exactWalls(['http://127.0.0.1:3101', 'http://127.0.0.1:3101/connect/token']);
    expect(walls).toMatchObject({ allowHttp: true, privateNames: true });
    expect(walls.allow?.namesAddress('127.0.0.1:3101')).toBe(true);
    expect(exactWalls(['https://twin.example', 'https://twin.example/t'])).toMatchObject({
      allowHttp: false,
      privateNames: true,
    });
  });

  it('allow nothing while EXACT is off', () => {
    expect(exactWalls(['', '']).allow?.allows('api.ex.softwareofexcellence.com')).toBe(false);
  });
});

it('walls around calls to Provet let names lead into private networks for simulators only', () => {
  const hosts = ['provetcloud.com', '*.provetcloud.com'];
  expect(provetWalls(hosts, false)).toMatchObject({ allowHttp: false, privateNames: false });
  expect(provetWalls(hosts, true)).toMatchObject({ allowHttp: true, privateNames: true });
});
