import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';
import { KafkaSetupError } from '../errors.js';
import { assignShards, type ShardMember } from './shard-assignment.js';

export const SHARD_ASSIGNER = 'practice-relay-shards';
const VERSION = 1;

/**
 * Kafka's group leader shares out shards instead of partitions: a member gets the same partition numbers of every topic
 * it subscribes to. Each member tells what it holds in its join request, so shards stay where they are.
 */
export function shardAssigner(held: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: SHARD_ASSIGNER,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: SHARD_ASSIGNER,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify({ held: held() })),
      }),
    }),
    assign: async ({ members, topics }) => {
      const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
      const count = counts[0] ?? 0;
      if (counts.some((other) => other !== count)) {
        const list = topics.map((topic, index) => `${topic} has ${counts[index]}`).join(', ');
        throw new KafkaSetupError(`sharded topics need equal partition counts: ${list}`);
      }
      const decoded = members.map((member) => ({ ...readMember(member.memberId, member.memberMetadata) }));
      const shares = assignShards(decoded, count);
      return decoded.map((member) => ({
        memberId: member.memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          // During an upgrade a member may not know a topic yet.
          assignment: Object.fromEntries(
            topics
              .filter((topic) => member.topics.includes(topic))
              .map((topic) => [topic, shares.get(member.memberId) ?? []]),
          ),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

function readMember(memberId: string, metadata: Buffer): ShardMember & { topics: readonly string[] } {
  const decoded = AssignerProtocol.MemberMetadata.decode(metadata);
  return { memberId, topics: decoded?.topics ?? [], held: readHeld(decoded?.userData) };
}

/** Another version may say it differently: then it holds nothing as far as we know, and shards only move more. */
function readHeld(userData: Buffer | undefined): number[] {
  try {
    const { held } = JSON.parse(userData?.toString('utf8') ?? '') as { held?: unknown };
    return Array.isArray(held) ? held.filter((shard): shard is number => Number.isInteger(shard)) : [];
  } catch {
    return [];
  }
}
