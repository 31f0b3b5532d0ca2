// What waits for the first frame waits for it, for a failure or for its patience to end, and for one of them only.
import type { WatchSnapshot } from '#browser/watch-snapshot';
import { describe, expect, it } from 'vitest';
import { watchSnapshot } from '../testing/scripted-viewer.ts';
import { whenShown } from './when-shown.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function page(readyState: number, state: WatchSnapshot = watchSnapshot()) {
  const video = Object.assign(new EventTarget(), { readyState });
  let fire: (() => void) | undefined;
  let isDone = false;
  const viewer = { opened: Promise.resolve(), getSnapshot: () => state };
  const after = (_ms: number, action: () => void) => {
    fire = action;
    return () => (fire = undefined);
  };
  void whenShown(video, viewer, after).then(() => (isDone = true));
  return {
    show: () => video.dispatchEvent(new Event('loadeddata')),
    wait: () => fire?.(),
    isTimed: () => fire !== undefined,
    isDone: async () => {
      await settle();
      return isDone;
    },
  };
}

describe('whenShown', () => {
  it('does not wait when there is a picture', async () => expect(await page(2).isDone()).toBe(true));

  it('waits for the picture and leaves no timer', async () => {
    const { show, isTimed, isDone } = page(0);
    expect(await isDone()).toBe(false);
    show();
    expect(await isDone()).toBe(true);
    expect(isTimed()).toBe(false);
  });

  it('waits no longer than its patience', async () => {
    const { wait, isDone } = page(1);
    wait();
    expect(await isDone()).toBe(true);
  });

  it('does not wait for a picture that cannot come', async () => {
    expect(await page(0, watchSnapshot({ status: 'failed', trouble: 'unknownChannel' })).isDone()).toBe(true);
  });
});
