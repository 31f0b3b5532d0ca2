/** The light build has no declarations of its own; its face is the full build's. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
