import type { Dispatcher } from 'undici';

/** The body is longer than the caller wants to hold. */
export class ReplyTooLarge extends Error {
  readonly code = 'reply-too-large';
  readonly retryable = false;

  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes} bytes`);
    this.name = 'ReplyTooLarge';
  }
}

/** Its time had passed before it could be written to a socket. Nothing has reached the server. */
export class TooLateToSend extends Error {
  readonly code = 'ETIMEDOUT';
}

export interface Collected {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Gathers one answer, and knows whether the request was handed to a socket. */
export class ReplyCollector implements Dispatcher.DispatchHandler {
  /** True from the moment the request's head is written. */
  sent = false;
  readonly done: Promise<Collected>;
  private readonly settle: { resolve(value: Collected): void; reject(error: unknown): void };
  private controller: Dispatcher.DispatchController | null = null;
  private abortedBy: Error | null = null;
  private status = 0;
  private headers: Record<string, string> = {};
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(
    private readonly maxBytes: number,
    /** Unix milliseconds after which the request must not be written any more. */
    private readonly sendBy = Number.POSITIVE_INFINITY,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<Collected>();
    this.done = promise;
    this.settle = { resolve, reject };
  }

  /** Ends the attempt now, in whatever state it is. */
  abort(reason: Error): void {
    this.abortedBy ??= reason;
    this.controller?.abort(reason);
    this.settle.reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // Looked at here, right before the write: a process that was paused while it connected learns of it nowhere else.
    if (Date.now() > this.sendBy) this.abortedBy ??= new TooLateToSend('not sent in time');
    if (this.abortedBy) controller.abort(this.abortedBy);
    else this.sent = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx answers are followed by the real one.
    if (status < 200) return;
    this.status = status;
    this.headers = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) this.abort(new ReplyTooLarge(this.maxBytes));
    else this.chunks.push(Buffer.from(chunk));
  }

  onResponseEnd(): void {
    this.settle.resolve({ status: this.status, headers: this.headers, body: Buffer.concat(this.chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.settle.reject(error);
  }
}
