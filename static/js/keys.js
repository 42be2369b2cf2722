// Keyboard shortcuts. Each presses something that is also on the page.
import { growNext, toggleSidebar } from 'dribble/layout.js';
import { activePanel, closeActive, show, step } from 'dribble/tabs.js';

const mac = /Mac|iPhone|iPad/.test(navigator.platform);
const find = (selector) => activePanel()?.querySelector(selector);
const search = () => document.querySelector('#sidebar input[type="search"]');
const REGIONS = ['#sidebar', '#tabs', '.toolbar', 'sql-editor', '.results', '.status'];

function press(selector) {
  const button = find(selector) ?? document.querySelector(selector);
  if (button && !button.disabled) button.click();
}

function nextRegion(by) {
  const places = REGIONS.map((selector) => find(selector) ?? document.querySelector(selector));
  const at = places.findLastIndex((place) => place?.contains(document.activeElement));
  for (let turn = 1; turn <= places.length; turn++) {
    const place = places.at((Math.max(at, 0) + by * turn) % places.length);
    const first = [...place?.querySelectorAll('.cm-content, [tabindex="0"], a[href], button, input, select, textarea, summary') ?? []]
      .find((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility());
    first?.focus();
    if (first) return;
  }
}

const MOD = {
  Enter: () => press('[data-run]'),
  'Shift+Enter': () => press('[data-run-all]'),
  '.': () => find('form[id^="cancel-"]')?.requestSubmit(),
  s: () => press('[data-save]'),
  b: toggleSidebar,
  k: () => search()?.focus(),
  '\\': growNext,
  'Shift+d': () => find('select[name="source_id"]')?.focus(),
  'Alt+KeyH': () => press('[data-versions]'),
};
const ALT = { KeyT: () => press('[data-tab-new]'), KeyW: closeActive, BracketLeft: () => step(-1), BracketRight: () => step(1) };
const STEPS = { F6: nextRegion, F8: (by) => find('sql-editor')?.step?.(by) }; // backwards with Shift
const SINGLE = {
  '/': () => (document.activeElement.closest('section, nav, main')?.querySelector('input[type="search"]') ?? search())?.focus(),
  '?': () => document.getElementById('shortcuts')?.showModal(),
  Escape: () => (find('.cm-content') ?? find('textarea[name="sql"]'))?.focus(),
};

function action({ key, code, shiftKey, altKey, ctrlKey, metaKey }) {
  const name = key.length === 1 ? key.toLowerCase() : key;
  if (mac ? metaKey && !ctrlKey : ctrlKey && !metaKey) return MOD[altKey ? `Alt+${code}` : shiftKey ? `Shift+${name}` : name];
  if (ctrlKey || metaKey || (altKey && shiftKey)) return undefined;
  if (altKey && /^Digit[1-9]$/.test(code)) return () => show(Number(code.at(-1)) - 1);
  if (altKey) return ALT[code];
  return STEPS[key] && (() => STEPS[key](shiftKey ? -1 : 1));
}

function handle(event, run) {
  if (!run || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

document.addEventListener('keydown', (event) => handle(event, action(event)), true);
document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape' || !event.target.matches?.('input, textarea, select, [contenteditable="true"]')) handle(event, SINGLE[event.key]);
});
