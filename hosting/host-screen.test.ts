import { describe, expect, it } from 'vitest';
import { parseChannelId } from '#protocol/ids';
import { jsonScreen, TextScreen } from './host-screen.ts';
import { bytesText, figuresLine, progressBar } from './screen-text.ts';

const ID = parseChannelId('a'.repeat(32));
const CHANNEL = { event: 'channel', id: ID, title: 'A film', kind: 'vod', url: `http://localhost:8080/watch/${ID}` } as const;
const LISTENING = (lan: string[]) => ({ event: 'listening', url: 'http://localhost:8080', lan }) as const;
const FIGURES = { viewers: 2, bytesOut: 12_345_678, offloadRatio: 0.815 };

class Paper {
  text = '';
  readonly isTTY: boolean;
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
}

describe('what a host reads', () => {
  it.each([[0, '0 B'], [999, '999 B'], [1000, '1.00 kB'], [9_999, '10.0 kB'], [12_345_678, '12.3 MB'], [999_600, '1.00 MB'], [5.5e15, '5.50 PB']])('%d bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it('counts viewers in words, and leaves the share out before anybody reported one', () => {
    expect(figuresLine(FIGURES)).toBe('2 viewers, 12.3 MB sent, 82 % carried by peers');
    expect(figuresLine({ viewers: 1, bytesOut: 0, offloadRatio: null })).toBe('1 viewer, 0 B sent');
  });

  it('has a bar as long at the end as at the beginning', () => {
    expect(progressBar('F', 0)).toBe(`[${'.'.repeat(30)}] 0 %  packaging F`);
    expect(progressBar('F', 0.5)).toBe(`[${'#'.repeat(15)}${'.'.repeat(15)}] 50 %  packaging F`);
    expect(progressBar('F', 1)).toBe(`[${'#'.repeat(30)}] 100 %  packaging F`);
  });

  it('on a terminal writes over the bar and the figures, and shows a code of the link others can reach', () => {
    const paper = new Paper(true);
    const screen = new TextScreen(paper);
    screen.progress('A film', 0.5);
    screen.report(LISTENING(['http://192.0.2.7:8080']));
    screen.report(CHANNEL);
    screen.figures(FIGURES);
    screen.figures({ ...FIGURES, viewers: 3 });
    screen.report({ event: 'closing' });
    // What is left on the screen: each erasing takes the text of its line with it.
    const lines = paper.text.split('\n').map((line) => line.split('\u001B[2K').at(-1)!);
    expect(lines.filter((line) => /[a-zA-Z]/.test(line))).toEqual([
      'A film is on air. Watch it at', `  ${CHANNEL.url}`, `  http://192.0.2.7:8080/watch/${ID}`, 'Ctrl-C ends it.', 'Closing.',
    ]);
    expect(paper.text).toMatch(/[▀▄█]{5}/);
  });

  it('into a pipe gets lines, no bar, no code, and nothing twice', () => {
    const paper = new Paper(false);
    const screen = new TextScreen(paper);
    screen.progress('A film', 0.5);
    screen.report(LISTENING([]));
    screen.report(CHANNEL);
    screen.figures(FIGURES);
    screen.figures(FIGURES);
    expect(paper.text.split('\n')).toEqual([
      'A film is on air. Watch it at', `  ${CHANNEL.url}`, 'On this machine only; --host lets others watch. Ctrl-C ends it.', '2 viewers, 12.3 MB sent, 82 % carried by peers', '',
    ]);
  });

  it('as JSON gets an object a line, and figures when they change', () => {
    const paper = new Paper(false);
    const screen = jsonScreen(paper);
    screen.report(CHANNEL);
    screen.figures(FIGURES);
    screen.figures(FIGURES);
    expect(paper.text.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([CHANNEL, { event: 'figures', ...FIGURES }]);
  });
});
