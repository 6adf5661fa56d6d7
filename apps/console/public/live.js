// Live changes: one stream of events, and polling for as long as the stream cannot be had.

const POLL_MS = 5000;
/** The browser reconnects a broken stream by itself; after an answer that is no stream it gives up, and we ask again. */
const RECONNECT_MS = 5000;

/**
 * @param {{ onChange: (change: object) => void, onPoll: () => Promise<void>, onState: (live: 'on' | 'lost' | 'off') => void }} handlers
 * @returns {{ stop(): void }}
 */
export function followChanges({ onChange, onPoll, onState }) {
  let stream = null;
  let stopped = false;
  let polling = null;
  let reconnecting = null;

  const poll = () => {
    polling = setTimeout(() => void onPoll().finally(() => polling !== null && poll()), POLL_MS);
  };
  const startPolling = () => {
    if (polling === null && !stopped) poll();
  };
  const stopPolling = () => {
    clearTimeout(polling);
    polling = null;
  };
  const connect = () => {
    stream = new EventSource('api/events');
    stream.addEventListener('open', () => {
      stopPolling();
      onState('on');
      // What happened while nobody listened.
      void onPoll();
    });
    stream.addEventListener('change', (event) => onChange(JSON.parse(event.data)));
    stream.addEventListener('error', () => {
      onState('lost');
      startPolling();
      if (stream.readyState === EventSource.CLOSED && !stopped) {
        clearTimeout(reconnecting);
        reconnecting = setTimeout(connect, RECONNECT_MS);
      }
    });
  };
  connect();
  return {
    stop() {
      stopped = true;
      stopPolling();
      clearTimeout(reconnecting);
      stream.close();
      onState('off');
    },
  };
}
