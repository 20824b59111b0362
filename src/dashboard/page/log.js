// What happened: the moments as they come, and the passes that ended.

import { CAUSES, count, outcome } from './contract.js';
import { byId, element, glyph } from './dom.js';
import { lasted, since } from './time.js';

/** @typedef {import('./contract.js').Moment} Moment */
/** @typedef {import('./contract.js').Pass} Pass */
/** @typedef {import('./board.js').Board} Board */

/** The activity. */
export class Activity {
  #list = byId('moments');
  /** How many moments were told when it was drawn. */
  #told = 0;

  /**
   * Draws what is new, or everything if nothing of it is left.
   * @param {Board} board
   */
  show(board) {
    const fresh = board.told - this.#told;
    if (!fresh) return;
    this.#told = board.told;
    const added = board.moments.slice(0, fresh).map(entry);
    if (fresh >= board.moments.length) this.#list.replaceChildren(...added);
    else this.#list.prepend(...added);
    while (this.#list.children.length > board.moments.length) this.#list.lastElementChild?.remove();
    byId('no-moments').hidden = board.moments.length > 0;
  }
}

/** @param {Moment} moment */
function entry({ at, pass, address, text, tone }) {
  return element(
    'li',
    { 'data-tone': tone },
    element('span', { class: 'when' }, since(at)),
    element('span', { class: 'of' }, `pass ${pass}`),
    glyph(tone),
    element(
      'span',
      { class: 'text' },
      address && element('a', { href: `#open=${encodeURIComponent(address).replaceAll('%2F', '/')}`, 'data-open': address }, address),
      address ? ` ${text}` : text,
    ),
  );
}

/**
 * Draws the passes, the newest first.
 * @param {Pass[]} passes
 */
export function showPasses(passes) {
  byId('no-passes').hidden = passes.length > 0;
  byId('pass-rows').replaceChildren(...passes.map(line));
}

/** @param {Pass} pass */
function line(pass) {
  const { number, cause, startedAt, elapsedSeconds, reason, changed, applied, failed, blocked } = pass;
  const unmade = reason !== undefined;
  const tone = unmade || failed ? 'bad' : blocked || changed > applied ? 'plain' : 'good';
  return element(
    'tr',
    { 'data-tone': tone },
    element('th', { scope: 'row' }, count(number)),
    element('td', { class: 'when' }, since(startedAt)),
    element('td', { class: 'cause' }, CAUSES[cause] ?? cause),
    element('td', { class: 'number' }, lasted(elapsedSeconds)),
    element('td', { class: 'text' }, glyph(tone), element('span', {}, unmade ? `could not be made: ${reason}` : outcome(pass))),
  );
}
