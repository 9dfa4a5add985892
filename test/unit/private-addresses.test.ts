import { isPrivateAddress } from '../../core/adapters/private-addresses'

describe('isPrivateAddress', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['::1', '::', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::a00:1', '2002:a00:1::'],
    ...['224.0.0.1', '255.255.255.255', 'ff02::1'],
  ])('takes %s for one', (address) => expect(isPrivateAddress(address)).toBe(true))

  it.each(['1.1.1.1', '172.32.0.1', '192.169.0.1', '11.0.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    'takes %s for none',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  )
})
