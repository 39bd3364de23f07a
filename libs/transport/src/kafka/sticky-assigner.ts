import kafkajs, { type GroupMember, type PartitionAssigner } from 'kafkajs';
import { spread } from '../spread.js';

const { AssignerProtocol } = kafkajs;

/** Assigns so that members keep what they have: a worker that joins or leaves moves as few partitions as possible, so an open part
 *  stays where it is. `owned` tells what this member has, by topic; it travels to whoever leads the group. */
export const stickyAssigner =
  (owned: () => Readonly<Record<string, readonly number[]>>): PartitionAssigner =>
  ({ cluster }) => ({
    name: 'pstream-sticky',
    version: 1,
    protocol: ({ topics }) => ({
      name: 'pstream-sticky',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.from(JSON.stringify(owned())) }),
    }),
    assign: async ({ members }) => {
      const told = members.map(decode).sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
      const topics = new Set(told.flatMap((member) => member.topics));
      // The leader may read other topics than the rest of the group, and knows partitions only of what it has asked for.
      await cluster.addMultipleTargetTopics([...topics]);
      const assignments = told.map(() => new Map<string, number[]>());
      for (const topic of topics) {
        const readers = told.map((member, index) => ({ member, index })).filter(({ member }) => member.topics.includes(topic));
        const owners = new Map<number, number>();
        for (const [reader, { member }] of readers.entries())
          for (const partition of member.owned[topic] ?? []) owners.set(partition, reader);
        const partitions = cluster.findTopicPartitionMetadata(topic).length;
        for (const [partition, reader] of spread(partitions, readers.length, owners)) {
          const assignment = assignments[readers[reader]!.index]!;
          assignment.set(topic, [...(assignment.get(topic) ?? []), partition]);
        }
      }
      return told.map(({ memberId }, index) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: Object.fromEntries(assignments[index]!),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });

type Told = { readonly memberId: string; readonly topics: readonly string[]; readonly owned: Readonly<Record<string, readonly number[]>> };

const decode = ({ memberId, memberMetadata }: GroupMember): Told => {
  const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata);
  const topics = metadata?.topics ?? [];
  try {
    return { memberId, topics, owned: JSON.parse(metadata?.userData.toString() ?? '{}') as Told['owned'] };
  } catch {
    return { memberId, topics, owned: {} };
  }
};
