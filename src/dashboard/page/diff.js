// A planned change as lines: the first column says what becomes of a line, the colour says it again.

import { element } from './dom.js';

/** @type {Record<string, string>} */
const CLASSES = { '+': 'add', '-': 'remove', '!': 'note', '#': 'reason' };

/**
 * The lines of a diff.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function diff(text) {
  const lines = text.replace(/\n$/, '').split('\n');
  const drawn = lines.map((line, at) => {
    const { sign, said, remark } = split(line);
    const other = arePair(line, lines[at + 1]) ? lines[at + 1] : arePair(lines[at - 1], line) ? lines[at - 1] : undefined;
    const parts = other === undefined ? [said] : differing(said, split(other).said);
    return element(
      'div',
      { class: `line ${CLASSES[sign.charAt(0)] ?? 'same'}` },
      element('span', { class: 'sign' }, sign),
      element('span', { class: 'said' }, ...parts, remark && element('span', { class: 'remark' }, remark)),
    );
  });
  return element('div', { class: 'diff' }, ...drawn);
}

/**
 * A line's mark, what it says, and the remark behind it.
 * @param {string} line
 */
function split(line) {
  const [, sign = '', said = '', remark = ''] = /^(.? ?)(.*?)((?: {2}(?:drifted|conflict|ignored|forces|\().*)?)$/su.exec(line) ?? [];
  return { sign, said, remark };
}

/**
 * Whether what goes is what comes, in another way: the lines begin with the same field.
 * @param {string | undefined} goes
 * @param {string | undefined} comes
 */
function arePair(goes, comes) {
  if (!goes?.startsWith('-') || !comes?.startsWith('+')) return false;
  const field = (/** @type {string} */ line) => line.slice(1).split(' : ', 1)[0];
  return field(goes) === field(comes);
}

/**
 * A text with the part marked that another one does not share; whole words, and nothing if hardly anything is shared.
 * @param {string} text
 * @param {string} other
 * @returns {(Node | string)[]}
 */
function differing(text, other) {
  const words = (/** @type {string} */ line) => line.match(/[\p{L}\p{N}]+|./gsu) ?? [];
  const [ours, theirs] = [words(text), words(other)];
  const most = Math.min(ours.length, theirs.length);
  let head = 0;
  while (head < most && ours[head] === theirs[head]) head++;
  let tail = 0;
  while (tail < most - head && ours[ours.length - 1 - tail] === theirs[theirs.length - 1 - tail]) tail++;
  const middle = ours.slice(head, ours.length - tail).join('');
  if (!middle) return [text];
  return [ours.slice(0, head).join(''), element('mark', {}, middle), ours.slice(ours.length - tail).join('')];
}
