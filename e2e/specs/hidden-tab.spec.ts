// A tab that nobody looks at: the sound goes on, others are served, and nothing waits for its timers.
import { openTabs } from '../fixtures/tabs.ts';
import { expect, test } from '../fixtures/test.ts';

/** Without a link hidden tabs are woken once a minute at last: after this instead of five minutes. */
const SOON_DEEPLY_ASLEEP = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/5';

test('a muted tab behind another plays on near the edge, and serves whoever comes', async ({ house, watch, watchOn }) => {
  const url = house.server.watchUrl(house.tv);
  const tabs = await openTabs([SOON_DEEPLY_ASLEEP]);
  try {
    const hidden = await watchOn(await tabs.open(), url);
    await hidden.isPlaying();
    await hidden.isLive();
    // A tab that is heard keeps its timers.
    await hidden.mute();
    await tabs.open();
    await expect.poll(async () => hidden.page.evaluate(() => document.visibilityState), { message: 'the tab is behind another' }).toBe('hidden');

    const viewer = await watch(url);
    await viewer.isPlaying();
    await viewer.hasNeighbours(1);
    await hidden.until('bytes given', ({ bytes }) => bytes.toPeers > 0);
    await viewer.playsOn(10);
    const given = (await hidden.engine()).bytes.toPeers;
    await hidden.playsOn(20);
    expect((await hidden.engine()).bytes.toPeers, 'it goes on giving').toBeGreaterThan(given);
    await hidden.isLive();
  } finally {
    await tabs.close();
  }
});
