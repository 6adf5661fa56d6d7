import { connect } from 'node:net';

/** What a broker says about itself: enough to know that it is ours and serves. */
export interface ClusterMetadata {
  readonly clusterId: string | null;
  readonly brokers: number;
}

const METADATA_API = 3;
const VERSION = 5;

/**
 * One Metadata request (version 5, no topics) of the Kafka protocol, https://kafka.apache.org/protocol. Written here so that
 * starting a broker needs neither the build nor a Kafka client.
 */
export function metadataRequest(correlationId: number): Buffer {
  const client = Buffer.from('practice-relay-infra');
  const body = Buffer.alloc(8 + 2 + client.length + 4 + 1);
  body.writeInt16BE(METADATA_API, 0);
  body.writeInt16BE(VERSION, 2);
  body.writeInt32BE(correlationId, 4);
  body.writeInt16BE(client.length, 8);
  client.copy(body, 10);
  body.writeInt32BE(0, 10 + client.length);
  body.writeInt8(0, 14 + client.length);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length, 0);
  return Buffer.concat([size, body]);
}

/** Response: correlation id, throttle time, brokers (id, host, port, rack), cluster id, … */
export function parseMetadataResponse(response: Buffer): ClusterMetadata {
  let at = 8;
  const int32 = () => response.readInt32BE((at += 4) - 4);
  const text = () => {
    const length = response.readInt16BE((at += 2) - 2);
    if (length < 0) return null;
    at += length;
    return response.toString('utf8', at - length, at);
  };
  const brokers = int32();
  for (let i = 0; i < brokers; i += 1) {
    int32();
    text();
    int32();
    text();
  }
  return { clusterId: text(), brokers };
}

/** Asks whatever listens there; null when nothing does, or what does is no Kafka. */
export function askClusterMetadata(port: number, timeoutMs = 2_000): Promise<ClusterMetadata | null> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    let answer: ClusterMetadata | null = null;
    const socket = connect(port, '127.0.0.1', () => socket.write(metadataRequest(1)));
    socket.setTimeout(timeoutMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      answer = tryParse(received.subarray(4));
      socket.destroy();
    });
    socket.once('error', () => undefined);
    socket.once('close', () => resolve(answer));
  });
}

function tryParse(response: Buffer): ClusterMetadata | null {
  try {
    return parseMetadataResponse(response);
  } catch {
    return null;
  }
}
