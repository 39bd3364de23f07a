import { BlockList, isIP, isIPv4 } from 'node:net';

// Addresses that lead to no place on the open internet. A webhook that could reach them would let whoever may add one talk to the services
// beside pstream, such as the metadata of a virtual machine.

/** [RFC 6890] and its successors. */
const CLOSED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // The platform itself, as virtual machines of Azure reach it.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Of the addresses that are given out at all: tunnels that lead to an IPv4 address, and documentation. */
const CLOSED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const closed = new BlockList();
for (const [address, bits] of CLOSED_V4) closed.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of CLOSED_V6) closed.addSubnet(address, bits, 'ipv6');
/** Nothing else of IPv6 is given out: loopback, local, mapped and translated addresses are outside of it. */
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');

/** Whether an IP address is one that webhooks stay away from; anything that is none is, too. */
export const isPrivate = (address: string): boolean => {
  if (isIPv4(address)) return closed.check(address, 'ipv4');
  return isIP(address) !== 6 || !open.check(address, 'ipv6') || closed.check(address, 'ipv6');
};
