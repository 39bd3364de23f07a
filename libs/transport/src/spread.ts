/** Spreads partitions over members: everyone gets the same number, give or take one, and keeps what they have
 *  as far as that allows. Keys are partition numbers, values indexes of members. */
export const spread = (partitions: number, members: number, owners: ReadonlyMap<number, number>): Map<number, number> => {
  const target = new Map<number, number>();
  if (members === 0) return target;
  const least = Math.floor(partitions / members);
  let extras = partitions % members;
  const counts = Array.from({ length: members }, () => 0);
  const take = (partition: number, member: number): boolean => {
    const count = counts[member]!;
    if (count > least || (count === least && extras === 0)) return false;
    if (count === least) extras--;
    counts[member] = count + 1;
    target.set(partition, member);
    return true;
  };
  for (let partition = 0; partition < partitions; partition++) {
    const owner = owners.get(partition);
    if (owner !== undefined) take(partition, owner);
  }
  for (let partition = 0; partition < partitions; partition++) {
    if (target.has(partition)) continue;
    const fewest = counts.indexOf(Math.min(...counts));
    take(partition, fewest);
  }
  return target;
};
