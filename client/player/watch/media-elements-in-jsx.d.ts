/** What JSX may say about media-chrome's elements; their own React wrappers would bring all of the kit along. */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';

type Part = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement>;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'media-controller': Part & { nomutedpref?: boolean; nosubtitleslangpref?: boolean; defaultstreamtype?: 'live' | 'on-demand' };
      'media-control-bar': Part;
      'media-audio-track-menu': Part & { anchor?: string };
      'media-audio-track-menu-button': Part;
      'media-captions-menu': Part & { anchor?: string };
      'media-captions-menu-button': Part;
      'media-fullscreen-button': Part;
      'media-loading-indicator': Part & { noautohide?: boolean };
      'media-mute-button': Part;
      'media-pip-button': Part;
      'media-play-button': Part;
      'media-time-display': Part & { showduration?: boolean; notoggle?: boolean };
      'media-time-range': Part;
      'media-volume-range': Part;
    }
  }
}
