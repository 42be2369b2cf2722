// Sizes of the regions: drag handles, hiding the sidebar, and telling the server.
import { drag, on, post, settled } from 'dribble/dom.js';

const root = document.documentElement;
const SIZES = {
  sidebar: { property: '--sidebar-w', least: 200, most: () => 420, usual: 260, axis: 'clientX' },
  editor: { property: '--editor-h', least: 100, most: () => Math.max(100, innerHeight - 180), usual: 334, axis: 'clientY' },
};

let changes = {};
let timer;

// Saves parts of the layout, merged by their first key, a little later.
export function saveLayout(part) {
  changes = { ...changes, ...part };
  clearTimeout(timer);
  timer = setTimeout(flush, 400);
}

function flush() {
  clearTimeout(timer);
  if (Object.keys(changes).length > 0) post('/layout', changes).catch(() => {}); // the sizes hold for this page anyway
  changes = {};
}
addEventListener('pagehide', flush);

function current(name) {
  const { property, usual } = SIZES[name];
  return parseFloat(getComputedStyle(root).getPropertyValue(property)) || usual;
}

function resize(name, size) {
  const { property, least, most } = SIZES[name];
  const px = Math.round(Math.max(least, Math.min(most(), size)));
  root.style.setProperty(property, `${px}px`);
  describe();
  saveLayout({ [name]: px });
}

function describe() {
  for (const handle of document.querySelectorAll('[data-splitter]')) {
    const { least, most } = SIZES[handle.dataset.splitter];
    Object.assign(handle, { tabIndex: 0, ariaValueMin: least, ariaValueMax: most(), ariaValueNow: current(handle.dataset.splitter) });
  }
}
settled(describe);

// Shows or hides the sidebar.
export function toggleSidebar() {
  const hide = root.dataset.sidebar !== 'hidden';
  root.dataset.sidebar = hide ? 'hidden' : 'shown';
  for (const button of document.querySelectorAll('[data-toggle="sidebar"]')) button.ariaExpanded = !hide;
  saveLayout({ sidebarHidden: hide });
}
on('click', '[data-toggle="sidebar"]', toggleSidebar);

// Grows the results, then the editor, then shows both as they were.
let grown = 0;
let between;
export function growNext() {
  if (grown === 0) between = current('editor');
  grown = (grown + 1) % 3;
  resize('editor', [between, 0, Infinity][grown]);
}

on('pointerdown', '[data-splitter]', ({ dataset: { splitter: name } }, event) => {
  if (event.button !== 0) return;
  const { axis } = SIZES[name];
  const from = current(name) - event[axis];
  drag((to) => resize(name, from + to[axis]));
  event.preventDefault();
});

on('dblclick', '[data-splitter]', ({ dataset }) => resize(dataset.splitter, SIZES[dataset.splitter].usual));

on('keydown', '[data-splitter]', ({ dataset }, event) => {
  const step = event.shiftKey ? 64 : 16;
  const by = { ArrowLeft: -step, ArrowUp: -step, ArrowRight: step, ArrowDown: step, Home: -Infinity, End: Infinity }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  resize(dataset.splitter, current(dataset.splitter) + by);
});
