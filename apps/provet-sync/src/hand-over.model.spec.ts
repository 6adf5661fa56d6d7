import { recordTopic } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { ProvetModel } from './test-support/provet-model.js';

const SECOND = 1_000;
/** Nine tenths of the vendor's 500 reads of clients in a minute. */
const MOST_READS = 450;
const RECORDS = 600;

describe('a tenant that changes hands in the middle of a burst', { timeout: 30_000 }, () => {
  it.each([
    ['killed', 4_000],
    ['frozen', 3_300],
  ] as const)('its last owner %s after %i ms: the vendor sees no more requests in any minute', async (how, afterMs) => {
    const model = new ProvetModel({ seed: 'hand-over', budgetShare: 0.9 });
    const take = (name: string) => {
      const worker = model.start(name);
      worker.assign(0);
      worker.readBack();
      return worker;
    };
    const first = take('first');
    const { tenantId } = model.clinic(9, RECORDS);
    const clients = recordTopic('provet', 'client');
    await model.run(240 * SECOND);
    expect(model.log.tail(clients).size).toBe(RECORDS);

    const began = model.clock.now();
    for (let id = 1; id <= RECORDS; id += 1) {
      model.twin.put(9, 'client', id, { firstname: `Ada ${id}` }, { notify: 'drop' });
      model.notice({ tenantId, trigger: 1, resource: 'client', recordId: String(id) });
    }
    await model.run(afterMs);
    if (how === 'killed') first.kill();
    else first.stop();
    take('second');
    // It goes on where it stood, and hears only then that it has lost the shard.
    if (how === 'frozen') model.clock.after(5 * SECOND, () => first.resume());
    // As soon as the minute lets it.
    await model.run(90 * SECOND - afterMs);
    const told = model.log.tail(clients);
    const ids = Array.from({ length: RECORDS }, (_, at) => at + 1);
    expect(ids.filter((id) => !told.get(`${tenantId}/${id}`)?.value?.includes(`"Ada ${id}"`))).toEqual([]);

    const sent = model.twin.requests.list().filter(({ at }) => at >= began);
    expect(sent.filter(({ status }) => status === 429)).toEqual([]);
    const reads = sent.filter(({ path }) => /\/client\/\d+\//.test(path)).map(({ at }) => at);
    const most = Math.max(...reads.map((from) => reads.filter((at) => at >= from && at <= from + 60 * SECOND).length));
    expect(most).toBeLessThanOrEqual(MOST_READS);
  });
});
