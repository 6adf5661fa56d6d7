import type { OutgoingRequest, Reply } from '@relay/http-client';

/** An answer as a test writes it. A string body is sent as it is, anything else as JSON. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly wellEncoded?: boolean;
  /** How long the vendor takes for it, for whoever has a clock. Default 0. */
  readonly delayMs?: number;
  /** No answer at all, with this fault. */
  readonly fault?: (Reply & { kind: 'no-answer' })['fault'];
}

export type Script = (request: OutgoingRequest, index: number) => ScriptedAnswer;

/** Stands in for the outgoing HTTP client: answers by script and remembers what it was asked. */
export class ScriptedHttp {
  readonly requests: OutgoingRequest[] = [];

  constructor(private readonly script: Script) {}

  /** Method, path and query of every request so far. */
  get asked(): string[] {
    return this.requests.map((request) => {
      const url = new URL(request.url);
      return `${request.method} ${url.pathname}${url.search}`;
    });
  }

  send(request: OutgoingRequest): Promise<Reply> {
    const answer = this.script(request, this.requests.length);
    this.requests.push(request);
    return Promise.resolve(replyOf(answer));
  }
}

/** The client's reply to a scripted answer. */
export function replyOf(answer: ScriptedAnswer): Reply {
  const times = { tookMs: 7, startedAt: 1_000 };
  if (answer.fault !== undefined) {
    return { kind: 'no-answer', fault: answer.fault, sent: true, detail: answer.fault, ...times };
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
  const { status = 200, headers = {}, wellEncoded = true } = answer;
  return { kind: 'response', status, headers, text, wellEncoded, ...times };
}
