import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  it('runs what is due in order, and all that follows before the next instant', async () => {
    const clock = new VirtualClock(1_000);
    const seen: string[] = [];
    const note = (what: string) => seen.push(`${what}@${clock.now()}`);
    clock.after(20, () => note('later'));
    clock.after(10, () => {
      note('first');
      void clock.pause(0).then(() => note('after it'));
    });
    clock.after(10, () => note('second'));
    const cancel = clock.after(15, () => note('never'));
    cancel();
    await clock.run(19);
    expect(seen).toEqual(['first@1010', 'second@1010', 'after it@1010']);
    expect(clock.now()).toBe(1_019);
    await clock.run(1);
    expect(seen.at(-1)).toBe('later@1020');
  });

  it('keeps order among a thousand timers', async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    for (let at = 0; at < 1_000; at += 1) clock.after((at * 7_919) % 1_000, () => seen.push(clock.now()));
    await clock.run(1_000);
    expect(seen).toEqual([...Array(1_000).keys()]);
  });

  it('holds what is due for a process that is stopped, and forgets it for one that has ended', async () => {
    const clock = new VirtualClock(0);
    const [stopped, ended] = [clock.process(), clock.process()];
    const seen: string[] = [];
    stopped.after(10, () => seen.push(`stopped@${clock.now()}`));
    ended.after(10, () => seen.push('ended'));
    const cancel = stopped.after(20, () => seen.push('called off'));
    stopped.stop();
    ended.end();
    await clock.run(100);
    expect(seen).toEqual([]);
    cancel();
    stopped.resume();
    ended.resume();
    await clock.run(0);
    expect(seen).toEqual(['stopped@100']);
  });

  it('says what did not come true', async () => {
    const clock = new VirtualClock(0);
    await expect(clock.until('a wonder', () => false, 1_000)).rejects.toThrow('a wonder: not within 1000 ms');
    let isTrue = false;
    clock.after(250, () => (isTrue = true));
    await clock.until('it', () => isTrue);
    expect(clock.now()).toBe(1_300);
  });
});
