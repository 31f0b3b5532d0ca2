/**
 * Tells a host how it goes: on a terminal a progress bar, the link with its QR code and one line that is written over
 * every second; into a pipe plain lines, and only what is new; with --json one object a line.
 */
import type { Report, ServerEvent } from '#server/report';
import type { ChannelFigures } from '#server/server';
import { figuresLine, progressBar, qrCode } from './screen-text.ts';

export interface HostScreen {
  readonly report: Report;
  progress(title: string, ratio: number): void;
  /** Where OBS or ffmpeg send to. */
  sendTo(server: string, streamKey: string): void;
  /** A live source has come or gone. */
  source(state: 'on' | 'away'): void;
  /** Once a second. */
  figures(figures: ChannelFigures): void;
}

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export function jsonScreen(out: Output): HostScreen {
  const write = (value: unknown): unknown => out.write(`${JSON.stringify(value)}\n`);
  let last = '';
  return {
    report: (event) => void write(event),
    progress: (title, ratio) => void write({ event: 'packaging', title, ratio }),
    sendTo: (server, streamKey) => void write({ event: 'rtmp', server, streamKey }),
    source: (state) => void write({ event: 'source', state }),
    figures(figures) {
      const text = JSON.stringify(figures);
      if (text !== last) write({ event: 'figures', ...figures });
      last = text;
    },
  };
}

/** Erases the line that the cursor is on and returns to its start (ECMA-48: EL). */
const ERASE = '\r\u001B[2K';

export class TextScreen implements HostScreen {
  readonly #out: Output;
  readonly #isTerminal: boolean;
  #lan: readonly string[] = [];
  #url = '';
  /** The line that the next one replaces. */
  #volatile = '';

  constructor(out: Output) {
    this.#out = out;
    this.#isTerminal = out.isTTY === true;
  }

  readonly report = (event: ServerEvent): void => {
    switch (event.event) {
      case 'listening':
        [this.#url, this.#lan] = [event.url, event.lan];
        break;
      case 'channel':
        this.#channel(event);
        break;
      case 'warning':
        this.#keep(`Warning: ${event.message}`);
        break;
      case 'closing':
        this.#keep('Closing.');
        break;
    }
  };

  progress(title: string, ratio: number): void {
    this.#replace(progressBar(title, ratio));
  }

  sendTo(server: string, streamKey: string): void {
    this.#keep(`Send to it with OBS (settings, stream, custom) or ffmpeg:\n  server      ${server}\n  stream key  ${streamKey}`);
  }

  source(state: 'on' | 'away'): void {
    this.#keep(state === 'on' ? 'The source is connected.' : 'The source is away; viewers are told, and it may come back.');
  }

  figures(figures: ChannelFigures): void {
    this.#replace(figuresLine(figures));
  }

  #channel(event: Extract<ServerEvent, { readonly event: 'channel' }>): void {
    const links = [event.url, ...this.#lan.map((base) => base + event.url.slice(this.#url.length))];
    this.#keep(`${event.title} is on air. Watch it at`);
    for (const link of links) this.#keep(`  ${link}`);
    // A phone cannot reach "localhost": where there is an address of the network, that is the one worth scanning.
    if (this.#isTerminal) this.#keep(`\n${qrCode(links.at(-1)!)}`);
    this.#keep(this.#lan.length > 0 ? 'Ctrl-C ends it.' : 'On this machine only; --host lets others watch. Ctrl-C ends it.');
  }

  #keep(line: string): void {
    this.#out.write(`${this.#isTerminal && this.#volatile !== '' ? ERASE : ''}${line}\n`);
    this.#volatile = '';
  }

  /** Into a pipe a line is never replaced: the bar is left out, and figures that did not change are not repeated. */
  #replace(line: string): void {
    if (line === this.#volatile) return;
    if (this.#isTerminal) this.#out.write(ERASE + line);
    else if (!line.startsWith('[')) this.#out.write(`${line}\n`);
    this.#volatile = line;
  }
}
