// The engine in a worker: serves {id, bytes} with {id, bytes}, or {id, trap, requestsLost} when the
// engine trapped (engine-host.js has recovered by then). The first message in carries the compiled
// module; the first message out, {ready: true}, says that this worker runs.

import { EngineHost, EngineTrap } from "./engine-host.js";

let host;
let resting;

onmessage = ({ data }) => {
  if (data.module) {
    host = new EngineHost(data.module);
    postMessage({ ready: true });
    return;
  }
  try {
    const bytes = host.request(data.bytes);
    postMessage({ id: data.id, bytes }, [bytes.buffer]);
  } catch (error) {
    if (!(error instanceof EngineTrap)) throw error;
    postMessage({ id: data.id, trap: error.trap, requestsLost: error.requestsLost });
  }
  // A keyframe is taken when nobody waits: requests that are here already go first.
  clearTimeout(resting);
  resting = setTimeout(() => host.rest());
};
