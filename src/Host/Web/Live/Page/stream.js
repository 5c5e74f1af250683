// The frames of all cameras in sight, in one answer that never ends. See FrameStream.cs for its form.

const headerBytes = 16;
const jpeg = 1;
const attention = 2;

export class PictureStream {
  #onPicture;
  #onAttention;
  #leave = null;
  #wanted = '';
  #timer = 0;

  /** @param onPicture (camera, Blob, ms since 1970) @param onAttention (camera, { tokens, height, width, values }) */
  constructor(onPicture, onAttention) {
    this.#onPicture = onPicture;
    this.#onAttention = onAttention;
  }

  /** Asks for these cameras from now on; none to rest. */
  show(cameras, withAttention) {
    const query = cameras.length === 0 ? '' : `cameras=${cameras.join(',')}${withAttention ? `&attention=${cameras.join(',')}` : ''}`;
    if (query === this.#wanted) return;
    this.#wanted = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), 60); // scrolling changes the wish many times
  }

  #start() {
    this.#leave?.abort();
    if (this.#wanted === '') return;
    this.#leave = new AbortController();
    this.#read(this.#wanted, this.#leave.signal);
  }

  async #read(query, signal) {
    const cameras = new URLSearchParams(query).get('cameras').split(',');
    while (!signal.aborted) {
      try {
        const answer = await fetch(`/live/frames?${query}`, { signal, cache: 'no-store' });
        if (answer.ok) await this.#take(answer.body.getReader(), cameras);
      } catch {
        // Asked to leave, or the connection broke; the loop knows which.
      }
      await new Promise(done => setTimeout(done, 1000));
    }
  }

  async #take(reader, cameras) {
    let kept = new Uint8Array(0);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      kept = kept.length === 0 ? value : join(kept, value);
      let at = 0;
      while (kept.length - at >= headerBytes) {
        const header = new DataView(kept.buffer, kept.byteOffset + at, headerBytes);
        const length = header.getUint32(4, true);
        if (kept.length - at - headerBytes < length) break;
        const content = kept.slice(at + headerBytes, at + headerBytes + length);
        this.#deliver(header.getUint8(0), cameras[header.getUint8(1)], content, header.getFloat64(8, true));
        at += headerBytes + length;
      }
      kept = kept.subarray(at);
    }
  }

  #deliver(kind, camera, content, time) {
    if (kind === jpeg) {
      this.#onPicture(camera, new Blob([content], { type: 'image/jpeg' }), time);
    } else if (kind === attention) {
      this.#onAttention(camera, { tokens: content[0], height: content[1], width: content[2], values: content.subarray(4) });
    }
  }
}

function join(first, second) {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
