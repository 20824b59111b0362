// The opened object: what is planned, why, what the service says, what happened. Beside the list where there is room,
// above it where there is none; then the list cannot be reached until it is closed.

import { Locked, Missing, ask } from './api.js';
import { DRIFT, LABELS } from './contract.js';
import { diff } from './diff.js';
import { byId, element, glyph } from './dom.js';
import { since } from './time.js';

/** @typedef {import('./contract.js').Resource} Resource */
/** @typedef {import('./contract.js').Detail} Known */
/** @typedef {import('./contract.js').Moment} Moment */

/** The panel. */
export class Detail {
  #panel = byId('detail');
  #title = byId('detail-title');
  #body = byId('detail-body');
  #locked;
  #address = '';
  /** What the list says of it, when it was asked about last. @type {Resource | undefined} */
  #asked;
  #abort = new AbortController();
  /** What each part shows, so that only what changes is drawn again: a selected text stays selected. @type {Map<string, string>} */
  #parts = new Map();

  /** @param {() => void} locked is told that the server wants a token */
  constructor(locked) {
    this.#locked = locked;
  }

  /** Whether it is to be seen. */
  get isOpen() {
    return !this.#panel.hidden;
  }

  /**
   * Shows the object with this address, or nothing.
   * @param {string} address empty: nothing
   * @param {Resource | undefined} resource what the list says of it
   * @param {string} mode whether a change is applied or only told
   */
  show(address, resource, mode) {
    if (!address) {
      this.#panel.hidden = true;
      this.#forget();
      return;
    }
    this.#panel.hidden = false;
    if (address !== this.#address) {
      this.#forget();
      this.#address = address;
      this.#body.scrollTop = 0;
      this.#draw(resource, undefined, mode);
      void this.#ask(resource, mode);
    } else if (resource !== this.#asked) {
      void this.#ask(resource, mode);
    }
  }

  /** Asks again: what was said may be old. */
  doubt() {
    this.#asked = undefined;
  }

  /** Puts the focus on its heading. */
  focus() {
    this.#title.focus({ preventScroll: true });
  }

  #forget() {
    this.#abort.abort();
    this.#address = '';
    this.#asked = undefined;
    this.#parts.clear();
    this.#body.replaceChildren();
  }

  /**
   * @param {Resource | undefined} resource
   * @param {string} mode
   */
  async #ask(resource, mode) {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#asked = resource;
    const slash = this.#address.indexOf('/');
    const parts = [this.#address.slice(0, slash), this.#address.slice(slash + 1)].map(encodeURIComponent);
    try {
      const response = await ask(`resources/${parts.join('/')}`, abort.signal);
      /** @type {Known} */
      const known = await response.json();
      if (!abort.signal.aborted) this.#draw(known, known, mode);
    } catch (error) {
      if (abort.signal.aborted) return;
      if (error instanceof Locked) this.#locked();
      else if (error instanceof Missing) this.#gone();
      else this.#part('unread', true, () => [element('p', { class: 'muted' }, 'The rest cannot be read now.')]);
    }
  }

  #gone() {
    this.#parts.clear();
    this.#body.replaceChildren();
    this.#head(undefined);
    this.#part('gone', true, () => [element('p', {}, 'It is not there: no manifest declares it, and it is not recorded.')]);
  }

  /**
   * @param {Resource | undefined} resource
   * @param {Known | undefined} known
   * @param {string} mode
   */
  #draw(resource, known, mode) {
    this.#head(resource);
    if (!resource) return;
    const { error, state, action, readiness, source, id } = resource;
    this.#part('gone', undefined, () => []);
    this.#part('unread', undefined, () => []);
    this.#part('error', error && [error, state], () => [element('p', { class: `fault ${state}` }, error ?? '')]);
    this.#part('facts', [action, readiness, resource.since, source, id], () => [facts(resource)]);
    this.#part('drift', resource.drift.length && resource.drift, () => [
      heading('Fields that do not agree'),
      drift(resource),
    ]);
    this.#part('diff', known?.diff && [known.diff, mode], () => [
      heading('Pending change'),
      mode === 'report' && element('p', { class: 'muted' }, 'This watch only reports: it does not carry this out.'),
      diff(known?.diff ?? ''),
    ]);
    this.#part('explanation', known?.explanation, () => [
      heading('What the service says'),
      element('p', { class: 'explanation' }, known?.explanation ?? ''),
    ]);
    this.#part('history', known?.history, () => [heading('History'), history(known?.history ?? [])]);
  }

  /** @param {Resource | undefined} resource */
  #head(resource) {
    const drawn = JSON.stringify([this.#address, resource?.state]);
    if (this.#parts.get('head') === drawn) return;
    this.#parts.set('head', drawn);
    const slash = this.#address.indexOf('/') + 1;
    const state = resource && element('span', { class: 'stands', 'data-state': resource.state }, glyph(resource.state), LABELS[resource.state]);
    const name = element('span', { class: 'address' }, element('span', { class: 'kind' }, this.#address.slice(0, slash)), this.#address.slice(slash));
    this.#title.replaceChildren(name, ' ', state ?? '');
  }

  /**
   * Draws a part, unless it shows this already.
   * @param {string} name
   * @param {unknown} shows nothing: the part is left out
   * @param {() => (Node | false)[]} build
   */
  #part(name, shows, build) {
    const drawn = shows ? JSON.stringify(shows) : '';
    if (this.#parts.get(name) === drawn) return;
    this.#parts.set(name, drawn);
    let part = this.#body.querySelector(`[data-part="${name}"]`);
    if (!part) {
      part = element('section', { 'data-part': name, class: 'part' });
      this.#body.append(part);
    }
    part.replaceChildren(...(shows ? build() : []).filter((node) => node !== false));
    part.toggleAttribute('hidden', !shows);
  }
}

/** @param {string} text */
function heading(text) {
  return element('h3', {}, text);
}

/** @param {Resource} resource */
function facts(resource) {
  /** @type {[string, Node | string | undefined, string][]} */
  const told = [
    ['Planned', resource.action, ''],
    ['Readiness', resource.readiness, ''],
    ['Since', since(resource.since), ''],
    ['Declared at', resource.source, 'code'],
    ['Identity', resource.id || undefined, 'code'],
  ];
  const shown = told.filter(([, value]) => value !== undefined);
  const rows = shown.map(([name, value, kind]) => element('div', {}, element('dt', {}, name), element('dd', { class: kind }, value)));
  return element('dl', { class: 'facts' }, ...rows);
}

/** @param {Resource} resource */
function drift(resource) {
  const rows = resource.drift.map(({ field, word }) =>
    element(
      'div',
      { 'data-word': word },
      element('dt', {}, field),
      element('dd', {}, element('strong', {}, word), DRIFT[word] ? ` ${DRIFT[word]}` : ''),
    ),
  );
  return element('dl', { class: 'fields' }, ...rows);
}

/** @param {Moment[]} moments */
function history(moments) {
  if (!moments.length) return element('p', { class: 'muted' }, 'Nothing happened to it since the watch began.');
  const entries = moments.map(({ at, pass, text, tone }) =>
    element(
      'li',
      { 'data-tone': tone },
      glyph(tone),
      element('span', { class: 'text' }, text),
      element('span', { class: 'when' }, since(at), ` · pass ${pass}`),
    ),
  );
  return element('ol', { class: 'history' }, ...entries);
}
