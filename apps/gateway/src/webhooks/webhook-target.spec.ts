import { randomBytes } from 'node:crypto';
import { webhookKey, webhookSigningKey } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { WebhookKeys } from './webhook-target.js';

const first = randomBytes(32).toString('base64url');
const second = randomBytes(32).toString('base64url');
const keys = new WebhookKeys([first, second]);
const keyFor = (trigger: number | 'any', secret = first, tenantId = 'provet:127.0.0.1:8080:9') =>
  webhookKey(webhookSigningKey(secret), tenantId, trigger);
const path = (over: object = {}) => ({
  host: '127.0.0.1:8080',
  provetId: '9',
  trigger: '21',
  key: keyFor(21),
  ...over,
});

describe('the key of a webhook URL', () => {
  it('opens its own tenant and trigger, made with any of the keys', () => {
    expect(keys.verify(path())).toEqual({ tenantId: 'provet:127.0.0.1:8080:9', trigger: 21, entry: 1 });
    expect(keys.verify(path({ key: keyFor(21, second) }))).toMatchObject({ entry: 2 });
    expect(keys.verify(path({ trigger: 'any', key: keyFor('any') }))).toMatchObject({ trigger: 'any' });
  });

  it('is checked against the lower-case host', () => {
    const key = keyFor(1, first, 'provet:eu.provetcloud.com:9');
    expect(keys.verify(path({ host: 'EU.ProvetCloud.com', trigger: '1', key }))).toMatchObject({
      tenantId: 'provet:eu.provetcloud.com:9',
    });
  });

  it.each([
    { trigger: '22' },
    { provetId: '10' },
    { host: '127.0.0.1:8081' },
    { key: keyFor(22) },
    { key: keyFor(21, randomBytes(32).toString('base64url')) },
    { key: keyFor(21).slice(1) },
    { key: `${keyFor(21)}A` },
    { key: keyFor(21).replace(/.$/, '\u0141') },
    { key: '' },
  ])('opens nothing for %j', (over) => {
    expect(keys.verify(path(over))).toBeNull();
  });

  it.each(['0', '-1', '01', '1.0', 'x', 'Any', '', '1e1'])(
    'knows no trigger %j, even with a key made for it',
    (trigger) => {
      const key = webhookKey(webhookSigningKey(first), 'provet:127.0.0.1:8080:9', trigger as 'any');
      expect(keys.verify(path({ trigger, key }))).toBeNull();
    },
  );
});
