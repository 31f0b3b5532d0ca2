// A page over plain HTTP on another machine's name, as on a home network: no WebCrypto, the same trust.
import { launchBrowser } from '../fixtures/browsers.ts';
import { expect, test } from '../fixtures/test.ts';

/** Resolves to this machine in the browser alone; to the browser it is a stranger's name, so the page is not secure. */
const HOST = 'house.test';

test('without WebCrypto a viewer still plays, shares and verifies', async ({ house, watch, startScriptedPeer }) => {
  const browser = await launchBrowser('chromium', [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]);
  try {
    const { server, film } = house;
    const liar = await startScriptedPeer({ serverUrl: server.url, channel: film.id, behaviour: 'liar' });
    const url = server.watchUrl(film);
    const strange = new URL(url);
    strange.hostname = HOST;
    const viewer = await watch(strange.href, { browser });
    expect(await viewer.page.evaluate(() => ({ isSecureContext, subtle: typeof (crypto as Partial<Crypto>).subtle }))).toEqual({ isSecureContext: false, subtle: 'undefined' });
    await viewer.isPlaying();
    await viewer.until('the liar is banned', ({ bannedPeers }) => bannedPeers === 1);
    await liar.signal('SIGKILL');

    const other = await watch(url);
    await other.isPlaying();
    await other.hasNeighbours(1);
    await other.until('bytes from the page without WebCrypto', ({ bytes }) => bytes.fromPeers > 0);
    await other.seek(150);
    await other.playsOn(1);
    await viewer.seek(151);
    await viewer.playsOn(2);
    await viewer.until('right bytes from peers', ({ bytes }) => bytes.fromPeers > 0);
    expect((await viewer.engine()).bannedPeers).toBe(1);
  } finally {
    await browser.close();
  }
});
