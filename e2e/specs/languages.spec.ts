// Several languages and subtitles: what a channel begins with, the menus over the picture, and where their bytes come from.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { findProgram } from '../../scripts/browsers.ts';
import { expectAccessible } from '../fixtures/accessibility.ts';
import { loudnessAt } from '../fixtures/ear.ts';
import { expect, test } from '../fixtures/test.ts';
import type { TributaryServer } from '../fixtures/tributary-server.ts';
import type { WatchPage } from '../pages/watch-page.ts';

const ffmpeg = findProgram('ffmpeg');
test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be encoded');

const SECONDS = 60;
/** Each language is a tone, so that a page can tell which one it hears. */
const TONES = { English: 440, Deutsch: 1760 } as const;
/** Of 255: louder than the tail of the other tone. */
const AUDIBLE = 100;
/** Streams of the film, in the order that a file is packaged in: picture, then sounds, then subtitles. */
const STREAM = { English: 1, Deutsch: 2 } as const;

let folder: string;
let film: string;
test.beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tributary-languages-'));
  film = path.join(folder, 'film.mkv');
  const words = (language: string): string => {
    const file = path.join(folder, `${language}.srt`);
    writeFileSync(file, Array.from({ length: SECONDS / 2 }, (_, at) => `${at + 1}\n00:00:${String(at * 2).padStart(2, '0')},000 --> 00:00:${String(at * 2 + 1).padStart(2, '0')},900\n${language} ${at}\n`).join('\n'));
    return file;
  };
  const tone = (hertz: number): string[] => ['-f', 'lavfi', '-t', String(SECONDS), '-i', `sine=${hertz}:r=48000`];
  await promisify(execFile)(ffmpeg!, [
    '-hide_banner', '-nostdin', '-loglevel', 'error', '-y', '-f', 'lavfi', '-t', String(SECONDS), '-i', 'testsrc2=s=320x180:r=25',
    ...tone(TONES.English), ...tone(TONES.Deutsch), '-i', words('en'), '-i', words('de'),
    ...[0, 1, 2, 3, 4].flatMap((input) => ['-map', String(input)]),
    '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac', '-c:s', 'srt',
    ...['a:0', 's:0'].flatMap((track) => [`-metadata:s:${track}`, 'language=eng']), ...['a:1', 's:1'].flatMap((track) => [`-metadata:s:${track}`, 'language=deu']),
    film,
  ]);
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const watchUrl = async (server: TributaryServer): Promise<string> => server.watchUrl(await server.channel('Film'));

/** The language whose tone is the loudest in what the page plays now. */
async function heard(page: Page): Promise<string> {
  const loudness = await loudnessAt(page, Object.values(TONES));
  const loudest = Math.max(...loudness);
  return loudest < AUDIBLE ? 'nothing' : Object.keys(TONES)[loudness.indexOf(loudest)]!;
}

/** Words over the picture now. */
const read = async (page: Page): Promise<string[]> =>
  page.evaluate(() => [...document.querySelector('video')!.textTracks].filter(({ mode, kind }) => mode === 'showing' && kind === 'subtitles').flatMap(({ activeCues }) => [...(activeCues ?? [])].map((cue) => (cue as VTTCue).text)));

const soundButton = (viewer: WatchPage): Locator => viewer.page.getByRole('button', { name: 'Audio', exact: true });
const subtitlesButton = (viewer: WatchPage): Locator => viewer.page.getByRole('button', { name: 'closed captions', exact: true });
const item = (viewer: WatchPage, name: string): Locator => viewer.page.getByRole('menuitemradio', { name, exact: true });

test('a channel begins in the browser’s language, and what is chosen is kept for the next visit', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Film: film } });
  const url = await watchUrl(server);
  const viewer = await watch(url, { locale: 'de-AT' });
  await viewer.isPlaying();
  await expect.poll(() => heard(viewer.page)).toBe('Deutsch');
  expect((await viewer.engine()).timeline.some(({ stream }) => Number(stream) === STREAM.English), 'the other sound was never asked for').toBe(false);
  expect(await read(viewer.page), 'no subtitles for who understands').toEqual([]);

  await soundButton(viewer).click();
  await item(viewer, 'English').click();
  await expect.poll(() => heard(viewer.page)).toBe('English');
  await subtitlesButton(viewer).click();
  await item(viewer, 'Deutsch').click();
  await expect.poll(() => read(viewer.page)).toEqual([expect.stringMatching(/^de \d+$/)]);

  await viewer.page.reload();
  await viewer.isPlaying();
  await expect.poll(() => heard(viewer.page)).toBe('English');
  await expect.poll(() => read(viewer.page)).toEqual([expect.stringMatching(/^de \d+$/)]);
});

test('who understands no language that is spoken gets subtitles, and turns them off for good', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Film: film } });
  const viewer = await watch(await watchUrl(server), { locale: 'fr-FR' });
  await viewer.isPlaying();
  await expect.poll(() => heard(viewer.page)).toBe('English');
  expect(await read(viewer.page), 'none in French').toEqual([]);
  await expect(subtitlesButton(viewer)).toBeVisible();
  await viewer.page.keyboard.press('c');
  await expect.poll(() => read(viewer.page)).toEqual([expect.stringMatching(/^en \d+$/)]);
  await viewer.page.keyboard.press('c');
  await expect.poll(() => read(viewer.page)).toEqual([]);
});

test('another language and subtitles come from a viewer who has them, in mid-play and without a stall', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Film: film } });
  const url = await watchUrl(server);
  const german = await watch(url, { locale: 'de-DE' });
  await german.isPlaying();
  await subtitlesButton(german).click();
  await item(german, 'Deutsch').click();
  await expect.poll(() => read(german.page)).toEqual([expect.stringMatching(/^de \d+$/)]);
  const english = await watch(url);
  await english.isPlaying();
  await english.hasNeighbours(1);
  await expect.poll(() => heard(english.page)).toBe('English');
  // A busy machine may stumble as it begins; what is looked at here is the change.
  const before = (await english.starvations()).length;
  await soundButton(english).click();
  await item(english, 'Deutsch').click();
  await expect.poll(() => heard(english.page)).toBe('Deutsch');
  await subtitlesButton(english).click();
  await item(english, 'Deutsch').click();
  await expect.poll(() => read(english.page)).toEqual([expect.stringMatching(/^de \d+$/)]);
  await english.playsOn(6);
  const ofSound = (await english.engine()).timeline.filter(({ stream }) => Number(stream) === STREAM.Deutsch);
  expect(ofSound.reduce((sum, { bytesFromPeers }) => sum + bytesFromPeers, 0)).toBeGreaterThan(0);
  expect((await english.starvations()).slice(before)).toEqual([]);
});

test('by keyboard and by axe: the menus, on the watch page and embedded', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Film: film } });
  const url = await watchUrl(server);
  for (const address of [url, url.replace('/watch/', '/embed/')]) {
    const viewer = await watch(address);
    const { keyboard } = viewer.page;
    await viewer.isPlaying();
    await viewer.pause();
    await subtitlesButton(viewer).focus();
    await keyboard.press('Enter');
    await expect(item(viewer, 'Off')).toBeFocused();
    await expect(item(viewer, 'Off')).toHaveAttribute('aria-checked', 'true');
    await expectAccessible(viewer.page, `subtitles open at ${address}`);
    await keyboard.press('Escape');
    await expect(subtitlesButton(viewer)).toBeFocused();
    await keyboard.press('Enter');
    await expect(item(viewer, 'Off')).toBeFocused();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await expect.poll(() => read(viewer.page)).toEqual([expect.stringMatching(/^en \d+$/)]);
    await soundButton(viewer).focus();
    await keyboard.press('Enter');
    await expect(item(viewer, 'English')).toBeFocused();
    await expectAccessible(viewer.page, `sounds open at ${address}`);
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await viewer.play();
    await expect.poll(() => heard(viewer.page)).toBe('Deutsch');
    await viewer.page.close();
  }
});

test('a channel with one sound and no subtitles has no menus', async ({ house, watch }) => {
  const viewer = await watch(house.server.watchUrl(house.demo));
  await viewer.isPlaying();
  await expect(viewer.page.locator('media-controller:defined')).toBeAttached();
  await expect(soundButton(viewer)).toBeHidden();
  await expect(subtitlesButton(viewer)).toBeHidden();
});
