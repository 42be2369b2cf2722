// Keyboard shortcuts. Each presses something that is also on the page.
import { growNext, toggleSidebar } from 'dribble/layout.js';
import { activePanel, closeActive, show, step } from 'dribble/tabs.js';

const mac = /Mac|iPhone|iPad/.test(navigator.platform);
const find = (selector) => activePanel()?.querySelector(selector);
const editor = () => find('sql-editor');
const regions = ['#sidebar', '#tabs', '.panel:not([hidden]) .toolbar', '.panel:not([hidden]) sql-editor', '.panel:not([hidden]) .results', '.panel:not([hidden]) .status'];

function press(selector) {
  const button = find(selector) ?? document.querySelector(selector);
  if (button && !button.disabled) button.click();
}

function focusFirst(place) {
  const first = [...place.querySelectorAll('.cm-content, [tabindex="0"], a[href], button, input, select, textarea, summary')]
    .find((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility());
  first?.focus();
  return first !== undefined;
}

function nextRegion(by) {
  const places = regions.map((selector) => document.querySelector(selector));
  const at = places.findLastIndex((place) => place?.contains(document.activeElement));
  for (let turn = 1; turn <= places.length; turn++) {
    const place = places.at((at + by * turn + places.length) % places.length);
    if (place?.checkVisibility() && focusFirst(place)) return;
  }
}

const MOD = {
  Enter: () => press('[data-run]'),
  'Shift+Enter': () => press('[data-run-all]'),
  '.': () => find('form[id^="cancel-"]')?.requestSubmit(),
  s: () => press('[data-save]'),
  'Alt+KeyH': () => press('[data-versions]'),
  b: toggleSidebar,
  '\\': growNext,
  k: () => document.querySelector('#sidebar input[type="search"]')?.focus(),
  'Shift+d': () => find('select[name="source_id"]')?.focus(),
};

const ALT = {
  KeyT: () => press('[data-tab-new]'),
  KeyW: closeActive,
  BracketLeft: () => step(-1),
  BracketRight: () => step(1),
};

const PLAIN = {
  F6: () => nextRegion(1),
  'Shift+F6': () => nextRegion(-1),
  F8: () => editor()?.step?.(1),
  'Shift+F8': () => editor()?.step?.(-1),
};

const SINGLE = {
  '/': () => (document.activeElement.closest('section, nav, main')?.querySelector('input[type="search"]')
    ?? document.querySelector('#sidebar input[type="search"]'))?.focus(),
  '?': () => document.getElementById('shortcuts')?.showModal(),
  Escape: () => find('.cm-content, textarea[name="sql"]')?.focus(),
};

function action(event) {
  const { key, code, shiftKey, altKey } = event;
  const mod = mac ? event.metaKey : event.ctrlKey;
  const name = key.length === 1 ? key.toLowerCase() : key;
  if (mod && !(mac ? event.ctrlKey : event.metaKey)) return MOD[altKey ? `Alt+${code}` : shiftKey ? `Shift+${name}` : name];
  if (event.ctrlKey || event.metaKey) return undefined;
  if (altKey) return /^Digit[1-9]$/.test(code) ? () => show(Number(code.at(-1)) - 1) : shiftKey ? undefined : ALT[code];
  return PLAIN[shiftKey ? `Shift+${key}` : key];
}

const typing = (target) => target.matches?.('input, textarea, select, [contenteditable="true"]');

document.addEventListener('keydown', (event) => {
  if (document.querySelector('dialog[open]')) return;
  const run = action(event);
  if (!run) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}, true);

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || document.querySelector('dialog[open]') || typing(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || !SINGLE[event.key]) return;
  event.preventDefault();
  SINGLE[event.key]();
});

// Hints are written for the Mac; elsewhere they name the keys found there.
function rewrite() {
  for (const hint of document.querySelectorAll('kbd:not([data-keys])')) {
    hint.dataset.keys = hint.textContent;
    hint.textContent = hint.textContent.replace('⇧⌘', '⌘⇧').replace('⌘', 'Ctrl+').replace('⌥', 'Alt+').replace('⇧', 'Shift+').replace('↵', 'Enter');
  }
}
if (!mac) {
  document.addEventListener('htmx:after:settle', rewrite);
  rewrite();
}
