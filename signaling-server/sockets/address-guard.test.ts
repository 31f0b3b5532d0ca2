import { describe, expect, it } from 'vitest';
import { AddressGuard, addressKey } from './address-guard.ts';
import { DEFAULT_SOCKET_SETTINGS } from './socket-settings.ts';
import { TokenBucket } from './token-bucket.ts';

describe('an address counts as', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002:aaaa::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s: %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('one address', () => {
  it('may have so many sockets open, and no more until one is closed', () => {
    const guard = new AddressGuard({ ...DEFAULT_SOCKET_SETTINGS, maxConnectionsPerAddress: 2 });
    for (const _ of [1, 2]) {
      expect(guard.mayConnect('a', 0)).toBe(true);
      guard.opened('a', 0);
    }
    expect(guard.mayConnect('a', 0)).toBe(false);
    expect(guard.mayConnect('b', 0)).toBe(true);
    guard.closed('a', 0);
    expect(guard.mayConnect('a', 0)).toBe(true);
  });
});

describe('a token bucket', () => {
  it('gives its burst at once and its rate in the long run, never more', () => {
    const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 0);
    const take = (nowMs: number): boolean => bucket.take(nowMs);
    expect([take(0), take(0), take(0), take(0)]).toEqual([true, true, true, false]);
    expect([take(499), take(500), take(500)]).toEqual([false, true, false]);
    expect([take(100_000), take(100_000), take(100_000), take(100_000)]).toEqual([true, true, true, false]);
    // A clock set back gives nothing.
    expect(take(0)).toBe(false);
  });
});
