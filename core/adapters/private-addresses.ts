/** Addresses that are not of the public internet. Source: IANA special-purpose address registries (RFC 6890). */
import { BlockList, isIPv6 } from 'node:net'

const V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4'],
  ...['240.0.0.0/4'],
]
/** NAT64 and 6to4 among them: both carry addresses of the other kind. */
const V6 = [
  ...['::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001:db8::/32', '2002::/16', 'fc00::/7'],
  ...['fe80::/10', 'ff00::/8'],
]

const blocked = new BlockList()
for (const subnet of [...V4, ...V6]) {
  const [address = '', prefix] = subnet.split('/')
  blocked.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** @param address As text. IPv4 in IPv6 (`::ffff:10.0.0.1`) is what it stands for. */
export function isPrivateAddress(address: string): boolean {
  return blocked.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
