import { createServer, connect, type Server, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

/** A way to a broker that can fall silent without closing: what a process sees of its world while it is stopped. */
export class TcpGate {
  readonly #pairs = new Set<[Socket, Socket]>();
  #isFrozen = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(broker: string): Promise<TcpGate> {
    const [host, port] = broker.split(':') as [string, string];
    let gate: TcpGate | null = null;
    const server = createServer({ pauseOnConnect: true }, (inner) => gate?.join(inner, connect(Number(port), host)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    gate = new TcpGate(server, typeof address === 'object' && address !== null ? address.port : 0);
    return gate;
  }

  /** kafkajs connects to what the broker advertises: this leads every connection through the gate instead. */
  readonly socketFactory: ISocketFactory = ({ onConnect }) => {
    const socket = connect(this.port, '127.0.0.1', onConnect);
    socket.setKeepAlive(true, 60_000);
    return socket;
  };

  freeze(): void {
    this.#isFrozen = true;
    for (const [inner, outer] of this.#pairs) for (const socket of [inner, outer]) socket.pause();
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const [inner, outer] of this.#pairs) for (const socket of [inner, outer]) socket.resume();
  }

  /** Ends every connection; new ones are possible at once. */
  cut(): void {
    for (const [inner, outer] of this.#pairs) {
      inner.destroy();
      outer.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(inner: Socket, outer: Socket): void {
    const pair: [Socket, Socket] = [inner, outer];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      inner.destroy();
      outer.destroy();
    };
    for (const socket of pair) {
      socket.on('error', end);
      socket.on('close', end);
    }
    inner.on('data', (data) => outer.write(data));
    outer.on('data', (data) => inner.write(data));
    if (!this.#isFrozen) inner.resume();
    else outer.pause();
  }
}
