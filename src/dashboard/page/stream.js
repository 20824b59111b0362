// Follows the server's events for as long as the page is open: reads them from a stream (an `EventSource` cannot send a
// token), and connects again when it breaks. Promises: a delta is handed over once, in order; after another start of the
// server the first one is whole.

import { Locked, ask, token } from './api.js';

/** @typedef {import('./contract.js').Delta} Delta */
/**
 * How the connection stands. `heard` is when the server was heard last, `next` when it is tried again.
 * @typedef {{is: 'connecting'} | {is: 'live'} | {is: 'locked', refused: boolean}
 *   | {is: 'lost', why: string, heard: number, next: number}} Link
 */

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
/** A server that lives says something every 15 s. */
const SILENCE = 40_000;
const LOOK = 5_000;

/** Text in pieces, as events. Linear in what comes, however large an event is. */
export class EventReader {
  #pieces = /** @type {string[]} */ ([]);
  #data = /** @type {string[]} */ ([]);
  #id = '';
  #name = '';

  /**
   * The events that are complete with this piece.
   * @param {string} piece
   * @returns {{name: string, id: string, data: string}[]}
   */
  push(piece) {
    /** @type {{name: string, id: string, data: string}[]} */
    const complete = [];
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      this.#pieces.push(piece.slice(start, end));
      const line = this.#pieces.join('');
      this.#pieces = [];
      start = end + 1;
      this.#take(line.endsWith('\r') ? line.slice(0, -1) : line, complete);
    }
    if (start < piece.length) this.#pieces.push(piece.slice(start));
    return complete;
  }

  /**
   * @param {string} line
   * @param {{name: string, id: string, data: string}[]} complete
   */
  #take(line, complete) {
    if (line === '') {
      if (this.#data.length) complete.push({ name: this.#name, id: this.#id, data: this.#data.join('\n') });
      this.#data = [];
      this.#name = '';
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#name = value;
    else if (field === 'id') this.#id = value;
  }
}

/** The connection to the server. */
export class Stream {
  #tell;
  #deliver;
  #abort = new AbortController();
  #pause = FIRST_PAUSE;
  #heard = 0;
  /** The revision that was handed over last; empty: none. */
  #revision = '';
  /** The run of the server that it is a revision of. */
  #run = '';
  #timer = 0;

  /**
   * @param {(link: Link) => void} tell is told how the connection stands
   * @param {(delta: Delta) => void} deliver is handed every delta
   */
  constructor(tell, deliver) {
    this.#tell = tell;
    this.#deliver = deliver;
    setInterval(() => {
      if (this.#heard && Date.now() - this.#heard > SILENCE) this.#abort.abort(new Error('the server is silent'));
    }, LOOK);
  }

  /** Connects now, whatever it waited for. */
  connect() {
    clearTimeout(this.#timer);
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#tell({ is: 'connecting' });
    this.#follow(abort)
      .then(() => new Error('the server ended the stream'))
      .catch((/** @type {unknown} */ error) => (abort.signal.aborted ? abort.signal.reason : error))
      .then((error) => {
        // A newer connection took over: this one has nothing to say any more.
        if (this.#abort === abort) this.#lose(error);
      });
  }

  /** @param {AbortController} abort */
  async #follow(abort) {
    const since = this.#revision && `?since=${encodeURIComponent(this.#revision)}`;
    const response = await ask(`events${since}`, abort.signal);
    if (!response.body) throw new Error('the server sent no stream');
    const reader = new EventReader();
    const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await text.read();
      if (done || abort.signal.aborted) return;
      this.#heard = Date.now();
      for (const event of reader.push(value)) if (event.name === 'delta') this.#hand(event);
    }
  }

  /** @param {{id: string, data: string}} event */
  #hand(event) {
    /** @type {Delta} */
    const delta = JSON.parse(event.data);
    if (!delta.whole && delta.status.run !== this.#run) {
      this.#revision = '';
      throw new Error('the watch was started again');
    }
    this.#run = delta.status.run;
    this.#revision = event.id || String(delta.status.revision);
    this.#pause = FIRST_PAUSE;
    this.#deliver(delta);
    this.#tell({ is: 'live' });
  }

  /** @param {unknown} error */
  #lose(error) {
    const heard = this.#heard;
    this.#heard = 0;
    if (error instanceof Locked) {
      this.#tell({ is: 'locked', refused: token() !== '' });
      return;
    }
    const next = Date.now() + this.#pause;
    const why = error instanceof TypeError ? 'the server cannot be reached' : String(error instanceof Error ? error.message : error);
    this.#tell({ is: 'lost', why, heard, next });
    this.#timer = setTimeout(() => this.connect(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }
}
