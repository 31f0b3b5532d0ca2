import { describeChunkStore, describeClock, describeHasher, describeRandom } from '#engine/testing/small-ports.contract';
import { MemoryStore } from './memory-store.ts';
import { createRandom } from './random.ts';
import { SystemClock } from './system-clock.ts';
import { WebHasher } from './web-hasher.ts';

describeClock('SystemClock', () => ({
  clock: new SystemClock(),
  // The host's own timer is the condition here: what is tested is that ours agrees with it.
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));
describeRandom('createRandom', () => createRandom('a seed'));
describeChunkStore('MemoryStore', () => new MemoryStore());
describeHasher('WebHasher with WebCrypto', () => new WebHasher());
/** As on a plain-HTTP page: a default parameter would bring WebCrypto back for `undefined`. */
describeHasher('WebHasher without WebCrypto', () => new WebHasher(null));
describeHasher('WebHasher without Ed25519', () => new WebHasher(withoutEd25519()));

/** An older browser: WebCrypto is there, the curve is not. */
function withoutEd25519(): Pick<SubtleCrypto, 'digest' | 'importKey' | 'verify'> {
  const refuse = (): never => {
    throw new DOMException('Unrecognized name.', 'NotSupportedError');
  };
  return { digest: (algorithm, data) => crypto.subtle.digest(algorithm, data), importKey: refuse, verify: refuse };
}
