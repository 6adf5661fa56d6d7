import { describe, expect, it } from 'vitest';
import { authorizeRequest, callbackRequest, passedBack } from './consent-request.js';

describe('a request to the consent pages', () => {
  it('is passed on by its known path, whatever the tenant id is made of', () => {
    const { path, route } = authorizeRequest(
      'provet:h:8080:9',
      '/oauth/provet/provet%3Ah%3A8080%3A9/authorize?invite=a%2Bb',
      undefined,
    );
    expect(path).toBe('/oauth/provet/provet%3Ah%3A8080%3A9/authorize?invite=a%2Bb');
    expect(route).not.toContain('9');
    for (const id of ['..', '../../metrics?', '']) {
      expect(authorizeRequest(id, '/x', undefined).path).toBe('/oauth/provet/unknown/authorize');
    }
    expect(callbackRequest('/oauth//callback?code=1?2', undefined).path).toBe('/oauth/callback?code=1?2');
  });

  it('takes only the cookies of the consent pages along', () => {
    const { headers } = callbackRequest(
      '/oauth/callback',
      'sid=secret; relay-consent-ab=1;  relay-consent-cd=2; x=relay-consent-',
    );
    expect(headers).toEqual({ accept: 'text/html', cookie: 'relay-consent-ab=1; relay-consent-cd=2' });
    expect(callbackRequest('/oauth/callback', 'sid=secret').headers).toEqual({ accept: 'text/html' });
  });
});

it('passes back no header that is not known', () => {
  const known = { location: 'https://v/', 'set-cookie': 'a=b', 'content-type': 'text/html' };
  const others = {
    connection: 'close',
    'transfer-encoding': 'chunked',
    'content-length': '9',
    server: 'x',
    'x-other': 'y',
  };
  expect(passedBack({ ...known, ...others })).toEqual(known);
});
