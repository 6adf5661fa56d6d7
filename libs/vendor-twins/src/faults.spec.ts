import { describe, expect, it } from 'vitest';
import { FaultBook } from './faults.js';
import { jsonResponse, type TwinReply } from './http.js';

describe('planted faults', () => {
  const request = { scope: '7', method: 'GET', url: '/7/api/0.1/client/1/' };
  const asks = (book: FaultBook, more: Partial<typeof request> = {}) => {
    let reached = 0;
    const reply: TwinReply = book.through({ ...request, ...more }, () => {
      reached += 1;
      return jsonResponse(200, 'fine');
    });
    return { reply, reached };
  };

  it('strike what they match, as often as they say, and keep the request from its effect', () => {
    const book = new FaultBook('s');
    book.add({
      scope: '7',
      path: '/client/',
      method: 'GET',
      times: 2,
      effect: { kind: 'status', status: 503, headers: { 'retry-after': '3' } },
    });
    expect(asks(book, { scope: '8' }).reply).toMatchObject({ status: 200 });
    expect(asks(book, { method: 'POST' }).reply).toMatchObject({ status: 200 });
    expect(asks(book, { url: '/7/api/0.1/patient/1/' }).reply).toMatchObject({ status: 200 });
    expect(asks(book)).toMatchObject({ reply: { status: 503, headers: { 'retry-after': '3' } }, reached: 0 });
    expect(asks(book).reply).toMatchObject({ status: 503 });
    expect(asks(book)).toMatchObject({ reply: { status: 200 }, reached: 1 });
  });

  it('can lose the answer only, after the request took effect', () => {
    const book = new FaultBook('s');
    book.add({ effect: { kind: 'reset' }, after: true });
    expect(asks(book)).toEqual({ reply: { kind: 'reset', delayMs: 0 }, reached: 1 });
  });

  it('add their delays and answer with garbage that is no JSON', () => {
    const book = new FaultBook('s');
    book.add({ delayMs: 200 });
    const id = book.add({ delayMs: 300, effect: { kind: 'garbage' } });
    const { reply } = asks(book);
    expect(reply).toMatchObject({ status: 200, delayMs: 500 });
    expect(() => JSON.parse(reply.kind === 'response' ? reply.body : '{}') as unknown).toThrow(SyntaxError);
    book.remove(id);
    expect(asks(book).reply).toMatchObject({ body: 'fine', delayMs: 200 });
    book.clear();
    expect(asks(book).reply).toMatchObject({ delayMs: 0 });
  });

  it('strike a share of the requests, the same ones for the same seed', () => {
    const struck = (seed: string): boolean[] => {
      const book = new FaultBook(seed);
      book.add({ rate: 0.3, effect: { kind: 'hang' } });
      return Array.from({ length: 200 }, () => asks(book).reply.kind === 'hang');
    };
    expect(struck('a')).toEqual(struck('a'));
    expect(struck('a').filter(Boolean).length).toBeGreaterThan(30);
    expect(struck('a').filter(Boolean).length).toBeLessThan(90);
  });
});
