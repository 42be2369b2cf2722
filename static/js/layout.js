// Sizes of the regions: drag handles, hiding the sidebar, and telling the server.

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
  if (Object.keys(changes).length === 0) return;
  const body = JSON.stringify(changes);
  changes = {};
  fetch('/layout', { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json' }, body }).catch(() => {});
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
  for (const handle of handles(name)) describe(handle, px);
  saveLayout({ [name]: px });
}

const handles = (name) => document.querySelectorAll(`[data-splitter="${name}"]`);

function describe(handle, px) {
  const { least, most } = SIZES[handle.dataset.splitter];
  handle.tabIndex = 0;
  handle.setAttribute('aria-valuemin', least);
  handle.setAttribute('aria-valuemax', most());
  handle.setAttribute('aria-valuenow', px);
}

// Shows or hides the sidebar.
export function toggleSidebar() {
  const hide = root.dataset.sidebar !== 'hidden';
  if (hide) root.dataset.sidebar = 'hidden';
  else delete root.dataset.sidebar;
  for (const button of document.querySelectorAll('[data-toggle="sidebar"]')) button.setAttribute('aria-expanded', !hide);
  saveLayout({ sidebarHidden: hide });
}

let grown = 0;
let between = SIZES.editor.usual;

// Grows the results, then the editor, then shows both again.
export function growNext() {
  if (grown === 0) between = current('editor');
  grown = (grown + 1) % 3;
  resize('editor', [between, 0, Infinity][grown]);
}

const splitterOf = (event) => event.target.closest?.('[data-splitter]');

document.addEventListener('pointerdown', (event) => {
  const handle = splitterOf(event);
  const name = handle?.dataset.splitter;
  if (!SIZES[name] || event.button !== 0) return;
  const { axis } = SIZES[name];
  const from = current(name) - event[axis];
  const move = (to) => resize(name, from + to[axis]);
  handle.setPointerCapture(event.pointerId);
  handle.classList.add('is-dragging');
  handle.addEventListener('pointermove', move);
  handle.addEventListener('lostpointercapture', () => {
    handle.removeEventListener('pointermove', move);
    handle.classList.remove('is-dragging');
  }, { once: true });
  event.preventDefault();
});

document.addEventListener('dblclick', (event) => {
  const name = splitterOf(event)?.dataset.splitter;
  if (SIZES[name]) resize(name, SIZES[name].usual);
});

document.addEventListener('keydown', (event) => {
  const name = splitterOf(event)?.dataset.splitter;
  if (!SIZES[name]) return;
  const step = event.shiftKey ? 64 : 16;
  const by = { ArrowLeft: -step, ArrowUp: -step, ArrowRight: step, ArrowDown: step, Home: -Infinity, End: Infinity }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  resize(name, current(name) + by);
});

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-toggle="sidebar"]')) toggleSidebar();
});

function describeAll() {
  for (const name of Object.keys(SIZES)) for (const handle of handles(name)) describe(handle, current(name));
}
document.addEventListener('htmx:after:settle', describeAll);
describeAll();
