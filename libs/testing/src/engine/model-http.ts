import type { OutgoingRequest, Reply } from '@relay/http-client';
import { pause } from '@relay/service-kit';
import type { TwinReply, TwinRequest } from '@relay/vendor-twins';
import { replyOf } from '../scripted-http.js';
import { twinScript } from '../twin-script.js';
import type { VirtualProcess } from './virtual-clock.js';

/**
 * A process's way to a vendor's twin, without sockets: requests and answers take time on the process's clock, and what the
 * twin leaves hanging, or answers later than that, runs into the caller's time-out. The vendor acts when the request arrives.
 */
export class ModelHttp {
  /** `latencyMs` is asked before each request and each answer: how long it is on its way. */
  constructor(
    private readonly twin: { handle(request: TwinRequest): TwinReply },
    private readonly process: VirtualProcess,
    private readonly latencyMs: () => number,
  ) {}

  async send(request: OutgoingRequest): Promise<Reply> {
    const startedAt = this.process.now();
    const aborted = (): boolean => request.signal?.aborted ?? false;
    await this.wait(this.latencyMs(), request);
    if (aborted()) return this.ended(replyOf({ fault: 'aborted' }), startedAt);
    const answer = twinScript(this.twin)(request, 0);
    const { timeoutMs = 10_000 } = request;
    const takesMs = answer.fault === 'timeout' ? timeoutMs : this.latencyMs() + (answer.delayMs ?? 0);
    await this.wait(Math.min(takesMs, timeoutMs), request);
    if (aborted()) return this.ended(replyOf({ fault: 'aborted' }), startedAt);
    return this.ended(replyOf(takesMs < timeoutMs ? answer : { fault: 'timeout' }), startedAt);
  }

  private ended(reply: Reply, startedAt: number): Reply {
    return { ...reply, startedAt, tookMs: this.process.now() - startedAt };
  }

  private wait(ms: number, { signal }: OutgoingRequest): Promise<void> {
    return pause(this.process, ms, signal);
  }
}
