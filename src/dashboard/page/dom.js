// Elements, in the few ways that this page makes them. Text is always text: nothing is ever parsed as HTML.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element with attributes and children; what is `null`, `undefined` or `false` is left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false) made.append(child);
  return made;
}

/**
 * The element of `index.html` with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element "${id}"`);
  return found;
}

/**
 * A drawing of `index.html`, as large as the text beside it. The text says the same: it is hidden from readers.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function glyph(name) {
  const drawing = document.createElementNS(SVG, 'svg');
  drawing.setAttribute('class', `glyph glyph-${name}`);
  drawing.setAttribute('viewBox', '0 0 16 16');
  drawing.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#glyph-${name}`);
  drawing.append(use);
  return drawing;
}

/**
 * Turns a drawing into another one.
 * @param {SVGSVGElement} drawing
 * @param {string} name
 */
export function redraw(drawing, name) {
  drawing.setAttribute('class', `glyph glyph-${name}`);
  drawing.firstElementChild?.setAttribute('href', `#glyph-${name}`);
}

/**
 * Sets a text, unless it is there already: what does not change is not drawn and not read out again.
 * @param {Node} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets or takes away an attribute, unless it is so already.
 * @param {Element} target
 * @param {string} name
 * @param {string | null} value
 */
export function mark(target, name, value) {
  if (target.getAttribute(name) === value) return;
  if (value === null) target.removeAttribute(name);
  else target.setAttribute(name, value);
}

/**
 * Tells a screen reader, politely. The same text again is told again.
 * @param {string} text
 */
export function announce(text) {
  const voice = byId('voice');
  voice.textContent = voice.textContent === text ? `${text}\u00a0` : text;
}
