// One row of the list: an object in a line, or in two where there is little room.

import { LABELS } from './contract.js';
import { element, glyph, mark, redraw, write } from './dom.js';
import { since, tell } from './time.js';

/** @typedef {import('./contract.js').Resource} Resource */
/**
 * A row in the document. `shows` is what is in it, `at` its place in the list.
 * @typedef {object} Drawn
 * @property {HTMLElement} root
 * @property {Resource | undefined} shows
 * @property {number} at
 * @property {SVGSVGElement} glyph
 * @property {Record<'word'|'kind'|'name'|'readiness'|'what'|'source'|'folder'|'file', HTMLElement>} cells
 * @property {HTMLTimeElement} since
 */

let made = 0;

/**
 * An empty row.
 * @returns {Drawn}
 */
export function draw() {
  const drawing = glyph('asDeclared');
  const cells = {
    word: element('span', { class: 'word' }),
    kind: element('span', { class: 'kind' }),
    name: element('span', { class: 'name' }),
    readiness: element('div', { role: 'gridcell', class: 'cell readiness' }),
    what: element('div', { role: 'gridcell', class: 'cell what' }),
    source: element('div', { role: 'gridcell', class: 'cell source' }),
    folder: element('bdi'),
    file: element('span', { class: 'file' }),
  };
  cells.source.append(element('span', { class: 'folder' }, cells.folder), cells.file);
  const shown = since('');
  const root = element(
    'div',
    { role: 'row', class: 'row', id: `row-${made++}` },
    element('div', { role: 'gridcell', class: 'cell state' }, drawing, cells.word),
    element('div', { role: 'gridcell', class: 'cell address' }, cells.kind, cells.name),
    cells.readiness,
    cells.what,
    cells.source,
    element('div', { role: 'gridcell', class: 'cell since' }, shown),
  );
  return { root, shows: undefined, at: -1, glyph: drawing, cells, since: shown };
}

/**
 * Shows an object in a row.
 * @param {Drawn} drawn
 * @param {Resource} resource
 */
export function fill(drawn, resource) {
  const { root, cells } = drawn;
  drawn.shows = resource;
  root.dataset.state = resource.state;
  redraw(drawn.glyph, resource.state);
  write(cells.word, LABELS[resource.state] ?? resource.state);
  write(cells.kind, `${resource.kind}/`);
  write(cells.name, resource.name);
  mark(/** @type {Element} */ (cells.name.parentElement), 'title', resource.address);
  write(cells.readiness, resource.readiness ?? '');
  // Where there is little room the folder gives way: the file and the line tell more.
  const source = resource.source ?? '';
  const name = source.lastIndexOf('/') + 1;
  write(cells.folder, source.slice(0, name));
  write(cells.file, source.slice(name));
  mark(cells.source, 'title', source || null);
  tell(drawn.since, resource.since);
  cells.what.replaceChildren(...what(resource));
  mark(cells.what, 'title', cells.what.textContent || null);
}

/**
 * What there is to say, in a line: why it failed, what is planned, which fields do not agree.
 * @param {Resource} resource
 * @returns {Node[]}
 */
function what({ error, action, drift }) {
  const parts = [];
  if (action) parts.push(element('span', { class: 'action' }, action));
  if (error) parts.push(element('span', { class: 'error' }, error));
  for (const { field, word } of drift) {
    parts.push(element('span', { class: 'drift' }, element('span', { class: 'field' }, field), ` ${word}`));
  }
  // Words do not run together when they are read out or copied.
  return parts.flatMap((part) => [part, document.createTextNode(' ')]).slice(0, -1);
}
