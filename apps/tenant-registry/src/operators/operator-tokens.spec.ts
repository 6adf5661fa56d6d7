import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OperatorTokens, includesRole } from './operator-tokens.js';

const digest = (token: string): string => createHash('sha256').update(token).digest('hex');
const now = Date.parse('2026-06-01T00:00:00Z');

describe('OperatorTokens', () => {
  it('knows an operator by the token alone', () => {
    const { tokens, problems } = OperatorTokens.parse([`ann:viewer:${digest('a')}`, `bob:admin:${digest('b')}`]);
    expect(problems).toEqual([]);
    expect(tokens.operatorOf('b', now)).toEqual({ name: 'bob', role: 'admin' });
    expect(tokens.operatorOf(digest('b'), now)).toBeNull();
    expect(tokens.operatorOf('', now)).toBeNull();
  });

  it('lets a token expire, also one whose expiry is an instant with colons', () => {
    const { tokens } = OperatorTokens.parse([
      `old:admin:${digest('o')}:2026-05-31`,
      `late:admin:${digest('l')}:2026-06-01T00:00:01Z`,
    ]);
    expect(tokens.operatorOf('o', now)).toBeNull();
    expect(tokens.operatorOf('l', now)?.name).toBe('late');
    expect(tokens.operatorOf('l', now + 1000)).toBeNull();
  });

  it('names every bad entry without its value', () => {
    const secret = digest('x');
    const { problems } = OperatorTokens.parse([
      `a b:admin:${secret}`,
      `a:root:${secret}`,
      'a:admin:abc',
      `a:admin:${secret}:soon`,
    ]);
    expect(problems).toHaveLength(4);
    expect(problems.join(' ')).not.toContain(secret);
    expect(problems[1]).toContain('entry 2');
  });
});

describe('includesRole', () => {
  it('orders the roles', () => {
    expect(includesRole('admin', 'viewer')).toBe(true);
    expect(includesRole('operator', 'operator')).toBe(true);
    expect(includesRole('viewer', 'operator')).toBe(false);
  });
});
