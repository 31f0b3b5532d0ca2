/** The worker behind the timers of a hidden page (system-clock.ts): gives back a number when its time has come. */

/** What a clock asks of it. */
export interface TimerQuestion {
  readonly id: number;
  readonly ms: number;
}

/** The worker's own side of its port; the library that declares it does not go together with that of pages. */
interface WorkerPort {
  onmessage: ((event: MessageEvent<TimerQuestion>) => void) | null;
  postMessage(id: number): void;
}

const port = globalThis as unknown as WorkerPort;

port.onmessage = ({ data: { id, ms } }) => {
  setTimeout(() => port.postMessage(id), ms);
};
