// Bad neighbours and dying ones: nobody who watches notices.
import { appendedMedia, recordAppends } from '../fixtures/appended-media.ts';
import { launchBrowser, rendererPids } from '../fixtures/browsers.ts';
import type { Child } from '../fixtures/child.ts';
import { expect, test, type House } from '../fixtures/test.ts';
import { ChannelCopy } from '../peers/channel-copy.ts';
import { FLOOD_MEMBERS, type BehaviourName } from '../peers/behaviours.ts';
import type { ScriptedPeerOptions } from '../fixtures/scripted-peer.ts';

const among = ({ server, film }: House, behaviour: BehaviourName): ScriptedPeerOptions => ({ serverUrl: server.url, channel: film.id, behaviour });

/** Waits until the scripted peer has said `event` at least `times`. */
async function hasSaid(peer: Child, event: string, times = 1): Promise<void> {
  await peer.until(`"${event}" ${times} times`, () => peer.all(event).length >= times);
}

test('an honest scripted peer is asked and believed (so the others are, too)', async ({ house, watch, startScriptedPeer }) => {
  const peer = await startScriptedPeer(among(house, 'honest'));
  const viewer = await watch(house.server.watchUrl(house.film));
  await viewer.isPlaying();
  await viewer.until('bytes from the peer', ({ bytes }) => bytes.fromPeers > 0);
  await hasSaid(peer, 'served', 20);
  expect((await viewer.engine()).bannedPeers).toBe(0);
});

test('a wrong piece is neither played nor passed on, and its sender is turned away for good', async ({ house, watch, startScriptedPeer }) => {
  const copy = await ChannelCopy.fetch(house.server.url, house.film.id);
  const liar = await startScriptedPeer(among(house, 'liar'));
  const viewer = await watch(house.server.watchUrl(house.film), { before: recordAppends });
  await viewer.isPlaying();
  await hasSaid(liar, 'served');
  await viewer.until('the liar is banned', ({ bannedPeers }) => bannedPeers === 1);
  await viewer.hasNeighbours(0);

  await viewer.playsOn(2);
  await viewer.hasNeighbours(0);
  // The witness asks everybody for everything, and would hear the liar's pieces too.
  await liar.end();

  const witness = await startScriptedPeer(among(house, 'witness'));
  await viewer.playsOn(4);
  await hasSaid(witness, 'checked', 40);
  const { bytes, bannedPeers } = await viewer.engine();
  expect(bytes.wasted, 'the wrong piece was noticed').toBeGreaterThan(0);
  expect(bytes.fromPeers, 'nothing of the liar counts').toBe(0);
  expect(bannedPeers).toBe(1);
  expect(witness.all('checked').at(-1)).toMatchObject({ bad: 0 });

  const signed = [copy.init, ...copy.chunks].map((bytes) => Buffer.from(bytes));
  const played = await appendedMedia(viewer.page);
  expect(played.length, 'the header and at least three chunks').toBeGreaterThan(3);
  const unsigned = played.filter((part) => !signed.some((bytes) => bytes.includes(part)));
  expect(unsigned.map(({ length }) => length), 'lengths of media that the channel has never signed').toEqual([]);
  expect(await viewer.starvations()).toEqual([]);
});

test('a forged record costs its sender its place', async ({ house, watch, startScriptedPeer }) => {
  const viewer = await watch(house.server.watchUrl(house.film));
  await viewer.isPlaying();
  const forger = await startScriptedPeer(among(house, 'forger'));
  await hasSaid(forger, 'forged');
  await viewer.until('the forger is banned', ({ bannedPeers }) => bannedPeers === 1);
  await viewer.playsOn(2);
});

for (const [behaviour, what] of [['mute', 'answers no request'], ['drip', 'drips'], ['boaster', 'claims what it does not have']] as const) {
  test(`a neighbour that ${what} is not waited for`, async ({ house, watch, startScriptedPeer }) => {
    const peer = await startScriptedPeer(among(house, behaviour));
    const viewer = await watch(house.server.watchUrl(house.film));
    await viewer.isPlaying();
    await hasSaid(peer, 'requested');
    // Past everything that was in the first answers: what is played here had to be fetched beside that neighbour.
    await viewer.reaches(12);
    await viewer.seek(150);
    await viewer.playsOn(6);
    expect(await viewer.starvations()).toEqual([]);
    expect((await viewer.snapshot()).playback.stalls).toBe(0);
  });
}

test('malformed frames and a storm of good ones cost their senders their places and nothing else', async ({ house, watch, startScriptedPeer }) => {
  const viewer = await watch(house.server.watchUrl(house.film));
  await viewer.isPlaying();
  const flood = await startScriptedPeer(among(house, 'flood'));
  await hasSaid(flood, 'flooded', FLOOD_MEMBERS);
  await viewer.until('every sender is banned', ({ bannedPeers }) => bannedPeers === FLOOD_MEMBERS);
  await viewer.playsOn(3);
  await viewer.hasNeighbours(0);
  expect(await viewer.starvations()).toEqual([]);
});

test('a neighbour killed in the middle of a chunk is not missed', async ({ house, watch, startScriptedPeer }) => {
  const quitter = await startScriptedPeer(among(house, 'quitter'));
  const viewer = await watch(house.server.watchUrl(house.film));
  await viewer.isPlaying();
  await quitter.exited();
  expect(quitter.all('served').length).toBeGreaterThan(0);
  const cut = Number(quitter.all('served').at(-1)!.chunk);
  await viewer.until('the chunk it left behind is whole', ({ timeline }) => timeline.some(({ index, state }) => index === cut && state === 'held'));
  await viewer.until('some of it from the dead neighbour', ({ bytes }) => bytes.fromPeers > 0);
  await viewer.hasNeighbours(0);
  await viewer.playsOn(3);
  expect(await viewer.starvations()).toEqual([]);
});

test('all neighbours killed at once: the picture does not even twitch', async ({ house, browserName, watch, startHeadlessPeers }) => {
  const url = house.server.watchUrl(house.film);
  const other = await launchBrowser(browserName);
  try {
    const doomed = await watch(url, { browser: other });
    await doomed.isPlaying();
    const headless = startHeadlessPeers(url, 2);
    const viewer = await watch(url);
    await viewer.isPlaying();
    await viewer.hasNeighbours(3, 60_000);
    await viewer.until('bytes from peers', ({ bytes }) => bytes.fromPeers > 0);

    for (const pid of await rendererPids(other)) process.kill(pid, 'SIGKILL');
    await headless.signal('SIGKILL');
    await viewer.hasNeighbours(0);
    const { bytes, aheadUs } = await viewer.engine();
    // Beyond what was there when they died.
    await viewer.reaches((await viewer.video()).currentTime + 3);
    await viewer.seek(200);
    await viewer.playsOn(3);
    expect((await viewer.engine()).bytes.fromSeeder, `${aheadUs} us were ahead`).toBeGreaterThan(bytes.fromSeeder);
    expect(await viewer.starvations()).toEqual([]);
  } finally {
    await other.close();
  }
});

test('headless peers and a browser watch together', async ({ house, watch, startHeadlessPeers }) => {
  const url = house.server.watchUrl(house.film);
  const headless = startHeadlessPeers(url, 2);
  await headless.until('peers that hold something', () => headless.all('status').some(({ aheadUs }) => Number(aheadUs) > 0));
  const viewer = await watch(url);
  await viewer.isPlaying();
  await viewer.hasNeighbours(2, 60_000);
  await viewer.until('bytes from headless peers', ({ bytes }) => bytes.fromPeers > 0);
  await viewer.seek(120);
  await headless.until('a peer that got bytes from others', () => headless.all('status').some(({ bytes }) => (bytes as { fromPeers: number }).fromPeers > 0));
  await viewer.playsOn(2);
  expect((await viewer.engine()).bannedPeers).toBe(0);
});
