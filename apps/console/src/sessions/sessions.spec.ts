import { describe, expect, it } from 'vitest';
import { Sessions } from './sessions.js';

describe('Sessions', () => {
  it('finds a session by its id until it ends', () => {
    const sessions = new Sessions({ most: 10, lifeMs: 1000 });
    const id = sessions.open('token', 0);
    expect(id).toMatch(/^[\w-]{43}$/);
    expect(sessions.find(id, 999)?.token).toBe('token');
    expect(sessions.find(id, 1000)).toBeNull();
    expect(sessions.find('another', 0)).toBeNull();
  });

  it('forgets a closed session', () => {
    const sessions = new Sessions();
    const id = sessions.open('token', 0);
    sessions.close(id);
    expect(sessions.find(id, 0)).toBeNull();
  });

  it('ends the oldest when there are too many, and never keeps more than allowed', () => {
    const sessions = new Sessions({ most: 3, lifeMs: 1000 });
    const ids = [1, 2, 3, 4].map((n) => sessions.open(`t${n}`, n));
    expect(sessions.size).toBe(3);
    expect(sessions.find(ids[0] as string, 5)).toBeNull();
    expect(sessions.find(ids[3] as string, 5)?.token).toBe('t4');
  });

  it('drops ended sessions when a new one is opened', () => {
    const sessions = new Sessions({ most: 100, lifeMs: 10 });
    sessions.open('a', 0);
    sessions.open('b', 1);
    sessions.open('c', 50);
    expect(sessions.size).toBe(1);
  });
});
