// What stands above the list: the watch at a glance, how the connection stands, what is wrong with manifests and passes.

import { CAUSES, STATES, count, counted, outcome } from './contract.js';
import { byId, element, glyph, mark, write } from './dom.js';
import { absolute, lasted, since } from './time.js';

/** @typedef {import('./contract.js').Status} Status */
/** @typedef {import('./contract.js').State} State */
/** @typedef {import('./stream.js').Link} Link */
/** @typedef {import('./route.js').Route} Route */

/** So many diagnostics are shown; who has more begins with these. */
const DIAGNOSTICS = 100;

/** The top of the page. */
export class Overview {
  /** @type {Map<State | '', {button: HTMLButtonElement, number: HTMLElement}>} */
  #buttons = new Map();
  #diagnosed = '';
  #pass = '';

  /** @param {(state: State | '') => void} choose is told which state somebody wants to see, or all */
  constructor(choose) {
    /** @type {{state: State | '', label: string, means: string}[]} */
    const offered = [{ state: '', label: 'All', means: 'Every resource' }, ...STATES];
    for (const { state, label, means } of offered) {
      const number = element('span', { class: 'number' }, '0');
      const button = element(
        'button',
        { type: 'button', class: 'chip', 'data-state': state || 'all', 'aria-pressed': 'false', title: means },
        glyph(state || 'all'),
        element('span', { class: 'label' }, label),
        number,
      );
      button.addEventListener('click', () => choose(state));
      this.#buttons.set(state, { button, number });
    }
    byId('states').append(...[...this.#buttons.values()].map(({ button }) => button));
  }

  /**
   * Shows the watch.
   * @param {Status} status
   * @param {number} size how many objects there are
   * @param {Route} route
   */
  show(status, size, route) {
    write(byId('profile'), status.profile);
    mark(byId('profile'), 'title', `Profile ${status.profile}; watches ${status.paths.join(', ')}; reconcile ${status.tool}`);
    const mode = byId('mode');
    mode.hidden = false;
    mark(mode, 'data-mode', status.mode);
    write(mode, status.mode === 'report' ? 'report only: changes nothing' : status.prune ? 'apply and prune' : 'apply');
    mark(mode, 'title', status.mode === 'report'
      ? 'It tells what differs; nothing will be changed'
      : `It applies what differs; what has no manifest any more is ${status.prune ? 'deleted' : 'kept'}`);
    this.#states(status, size, route);
    this.#passes(status);
    this.#diagnostics(status);
  }

  /** @param {Status} status @param {number} size @param {Route} route */
  #states(status, size, route) {
    for (const [state, { button, number }] of this.#buttons) {
      const many = state ? (status.counts[state] ?? 0) : size;
      write(number, count(many));
      button.classList.toggle('none', many === 0 && state !== '');
      mark(button, 'aria-pressed', String(state ? route.states.has(state) : route.states.size === 0));
    }
  }

  /** @param {Status} status */
  #passes({ lastPass, underWay, ready, mode }) {
    byId('working').hidden = underWay === undefined;
    const drawn = JSON.stringify([lastPass, underWay, ready, mode]);
    if (drawn === this.#pass) return;
    this.#pass = drawn;
    const line = byId('pass');
    if (lastPass) {
      const what = lastPass.reason === undefined ? outcome(lastPass) : 'could not be made';
      const cause = CAUSES[lastPass.cause] ?? lastPass.cause;
      line.replaceChildren(
        element('span', { class: 'pass-number' }, `Pass ${lastPass.number}`),
        element('span', { class: 'pass-what', title: `${what} (${cause}, ${lasted(lastPass.elapsedSeconds)})` }, what),
        since(ended(lastPass)),
        underWay === undefined ? '' : element('span', { class: 'pass-now' }, `pass ${underWay} under way`),
      );
    } else {
      line.replaceChildren(underWay === undefined ? 'no pass yet' : `pass ${underWay} under way`);
    }
    const unmade = byId('unmade');
    unmade.hidden = lastPass?.reason === undefined;
    if (lastPass?.reason !== undefined) {
      write(byId('unmade-what'), `Pass ${lastPass.number} could not be made.`);
      write(byId('unmade-why'), lastPass.reason);
    }
  }

  /** @param {Status} status */
  #diagnostics({ diagnostics }) {
    const drawn = JSON.stringify(diagnostics);
    if (drawn === this.#diagnosed) return;
    this.#diagnosed = drawn;
    const box = /** @type {HTMLDetailsElement} */ (byId('diagnosed'));
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    const warnings = diagnostics.length - errors;
    if (box.hidden) box.open = errors > 0 && diagnostics.length <= 3;
    box.hidden = !diagnostics.length;
    box.classList.toggle('bad', errors > 0);
    const counts = [errors && counted(errors, 'error'), warnings && counted(warnings, 'warning')];
    write(byId('diagnosed-count'), `${counts.filter(Boolean).join(' and ')} in the manifests`);
    const first = diagnostics[0];
    write(byId('diagnosed-first'), first ? [first.place, first.message].filter(Boolean).join(' ') : '');
    const shown = diagnostics.slice(0, DIAGNOSTICS).map(({ code, severity, message, place, help }) =>
      element(
        'li',
        { 'data-severity': severity },
        element('p', {},
          element('span', { class: 'severity' }, severity),
          ' ', element('code', { title: `reconcile explain ${code}` }, code),
          ' ', element('span', {}, message)),
        (place || help) && element('p', {},
          place && element('code', { class: 'place' }, place),
          ' ', help && element('span', { class: 'help' }, help)),
      ),
    );
    const left = diagnostics.length - shown.length;
    byId('diagnosed-list').replaceChildren(...shown, left > 0 ? element('li', { class: 'muted' }, `and ${count(left)} more`) : '');
  }

  /**
   * Shows how the connection stands.
   * @param {Link} link
   */
  connection(link) {
    document.body.dataset.link = link.is;
    write(byId('link-word'), { connecting: 'connecting', live: 'live', locked: 'locked', lost: 'not connected' }[link.is]);
    const lost = byId('lost');
    lost.hidden = link.is !== 'lost' && !(link.is === 'connecting' && !lost.hidden);
    if (link.is === 'connecting') write(byId('lost-next'), 'Trying now.');
    if (link.is !== 'lost') return;
    if (link.heard) byId('lost-since').replaceChildren('What is shown was true ', since(new Date(link.heard).toISOString()), ` (${absolute(link.heard)}); `);
    else if (!byId('lost-since').textContent) write(byId('lost-since'), 'Nothing was heard from the watch yet; ');
    this.countdown(link);
  }

  /**
   * Counts down to the next try.
   * @param {Link} link
   */
  countdown(link) {
    if (link.is !== 'lost') return;
    const left = Math.max(0, Math.ceil((link.next - Date.now()) / 1000));
    write(byId('lost-next'), `${link.why}. Next try in ${left} s.`);
  }
}

/**
 * When a pass ended, RFC 3339.
 * @param {import('./contract.js').Pass} pass
 */
function ended({ startedAt, elapsedSeconds }) {
  const began = Date.parse(startedAt);
  return Number.isNaN(began) ? startedAt : new Date(began + elapsedSeconds * 1000).toISOString();
}

