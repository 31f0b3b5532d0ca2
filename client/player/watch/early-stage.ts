/**
 * The picture before React: the same boxes that the watch page will draw, with the video in its place, so that the
 * first frame is seen as soon as it is decoded. React replaces all of it and moves the video over within one task, which
 * browsers do not take for a removal.
 */
import '../shell/shell.css';
import './player.css';
import './watch.css';

function box(page: Document, className: string, ...children: readonly Node[]): HTMLElement {
  const element = page.createElement('div');
  element.className = className;
  element.append(...children);
  return element;
}

export function showEarly(root: HTMLElement, video: HTMLVideoElement, page: 'watch' | 'embed'): void {
  const document = root.ownerDocument;
  const player = box(document, 'player', video);
  if (page === 'embed') {
    root.append(box(document, 'embed', player));
    return;
  }
  const header = box(document, 'shell__header', box(document, 'shell__brand'));
  root.append(box(document, 'shell', header, box(document, 'shell__main', box(document, 'watch', player))));
}
