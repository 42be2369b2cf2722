// The open queries: one panel each, all kept in the page so that text, undo and
// scroll positions survive. The server keeps which tabs are open and their order.
import { drag, make, neighbour, on, plain, post, settled } from 'dribble/dom.js';

const strip = document.getElementById('tabs');
const panels = document.getElementById('panels');
const TAB = '#tabs [role="tab"]';

const all = () => [...document.querySelectorAll(TAB)];
const tabOf = (id) => all().find((tab) => tab.dataset.tab === id);
const panelOf = (id) => [...panels.children].find((panel) => panel.dataset.tab === id);
const itemOf = (tab) => tab.closest('#tabs > *');

// The panel in view; undefined on a page without tabs.
export const activePanel = () => [...panels?.children ?? []].find((panel) => !panel.hidden);

// Of all the tabs one takes Tab: the selected one, or the first where none is.
function rove() {
  const stop = all().find((tab) => tab.ariaSelected === 'true') ?? all()[0];
  for (const tab of all()) tab.tabIndex = tab === stop ? 0 : -1;
}

function activate(id, push = true) {
  const panel = panelOf(id);
  const tab = tabOf(id);
  if (!panel || !tab) return false;
  for (const each of panels.children) each.hidden = each !== panel;
  for (const each of all()) {
    each.ariaSelected = each === tab;
    each.classList.toggle('is-dirty', panelOf(each.dataset.tab)?.classList.contains('is-dirty') ?? each.matches('.is-dirty'));
  }
  rove();
  for (const link of document.querySelectorAll('#query-list [data-query]')) link.ariaCurrent = link.dataset.query === id ? 'page' : null;
  tab.classList.remove('is-finished', 'is-failed');
  tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  document.title = `${panel.dataset.title} · Dribble`;
  if (push && tab.pathname !== location.pathname) history.pushState({ tab: id }, '', tab.href);
  save();
  return true;
}

// Shows the tab of an address, loading its panel the first time.
async function open(href, push = true) {
  const { pathname, search } = new URL(href, location.href);
  const id = all().find((tab) => tab.pathname === pathname)?.dataset.tab ?? pathname.split('/').at(-1);
  if (search || !panelOf(id)) {
    panelOf(id)?.remove();
    await globalThis.htmx.ajax('GET', pathname + search, { target: panels, swap: 'beforeend' });
  }
  if (!activate(id, push)) location.assign(href);
}

let saved = '';
async function save() {
  const state = { tabs: all().map((tab) => tab.dataset.tab), active: activePanel()?.dataset.tab };
  if (JSON.stringify(state) === saved) return;
  saved = JSON.stringify(state);
  await post('/tabs', state).catch(() => { saved = ''; }); // the next change tries again
}

async function close(id) {
  const tabs = all();
  const at = tabs.findIndex((tab) => tab.dataset.tab === id);
  const next = tabs[at + 1] ?? tabs[at - 1];
  const active = panelOf(id) === activePanel();
  panelOf(id)?.dispatchEvent(new CustomEvent('tab-closed', { bubbles: true }));
  panelOf(id)?.remove();
  itemOf(tabs[at]).remove();
  await save(); // before the server is asked for anything that shows the tabs
  if (!next) location.assign('/');
  else if (active) open(next.href).then(() => tabOf(next.dataset.tab)?.focus());
}

// Shows the tab at an index, counted round from either end.
export function show(index) { all().at(index % all().length)?.click(); }
export function step(by) { show(all().findIndex((tab) => tab.ariaSelected === 'true') + by); }
export function closeActive() { if (activePanel()) close(activePanel().dataset.tab); }

// Puts a field in the place of the tab's name until the field is left.
async function rename(tab) {
  const name = tab.querySelector('.tab-name');
  const field = Object.assign(make('input', 'tab-rename'), { value: name.textContent.trim(), ariaLabel: 'Query name', maxLength: 255 });
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Escape') field.value = '';
    if (event.key === 'Escape' || event.key === 'Enter') tab.focus();
  });
  name.replaceWith(field);
  field.select();
  await new Promise((left) => field.addEventListener('blur', left, { once: true }));
  field.replaceWith(name);
  const text = field.value.trim();
  if (text === '' || text === name.textContent.trim()) return;
  const stay = document.activeElement === tab;
  const { tab: id } = tab.dataset;
  // The answer brings the tabs and the list of queries anew.
  await globalThis.htmx.ajax('POST', `/queries/${id}/rename`, { source: strip, target: strip, swap: 'none', values: { name: text } });
  const renamed = tabOf(id);
  if (renamed && panelOf(id)) panelOf(id).dataset.title = renamed.querySelector('.tab-name').textContent;
  if (activePanel()) activate(activePanel().dataset.tab, false);
  if (stay) renamed?.focus();
}

function place(tab, other, after) {
  other[after ? 'after' : 'before'](itemOf(tab));
  tab.focus();
}

function carry(tab, event) {
  let dragging = false;
  drag((to) => {
    dragging ||= Math.abs(to.clientX - event.clientX) > 6;
    const over = dragging && document.elementFromPoint(to.clientX, event.clientY)?.closest('#tabs > *');
    if (!over || over === itemOf(tab)) return;
    const { left, width } = over.getBoundingClientRect();
    place(tab, over, to.clientX > left + width / 2);
  }, () => {
    if (!dragging) return;
    const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, true));
    save();
  });
}

function key(tab, event) {
  const next = neighbour(all(), tab, event.key, 'ArrowLeft', 'ArrowRight');
  if (next && event.shiftKey && (event.ctrlKey || event.metaKey)) {
    if (next !== tab) place(tab, itemOf(next), event.key === 'ArrowRight');
    save();
  } else if (next) next.focus();
  else if (event.key === 'F2') rename(tab);
  else if (event.key === 'Delete') close(tab.dataset.tab);
  else return;
  event.preventDefault();
}

if (strip && panels) {
  on('keydown', TAB, key);
  on('pointerdown', TAB, (tab, event) => { if (event.button === 0 && event.target.localName !== 'input') carry(tab, event); });
  on('dblclick', `${TAB} .tab-name`, (name) => rename(name.closest('[role="tab"]')));
  on('auxclick', TAB, ({ dataset }, event) => {
    event.preventDefault();
    if (event.button === 1) close(dataset.tab);
  });
  on('submit', 'form[action="/tabs"]', (_, event) => {
    event.preventDefault();
    event.stopPropagation();
    close(event.submitter.value);
  }, true);
  on('click', `${TAB}, a[href^="/queries/"]`, (link, event) => {
    const query = link.role === 'tab' || /^\/queries\/[^/]+$/.test(link.pathname);
    if (!query || event.defaultPrevented || !plain(event)) return;
    event.preventDefault();
    if (event.target.localName !== 'input') open(link.href);
  });
  settled(rove);
  addEventListener('popstate', ({ state }) => (panelOf(state?.tab) ? activate(state.tab, false) : open(location.href, false)));
  history.replaceState({ tab: activePanel()?.dataset.tab }, '');
  let known = [...panels.children];
  document.addEventListener('htmx:after:swap', () => {
    const added = [...panels.children].find((panel) => !known.includes(panel));
    known = [...panels.children];
    if (added) activate(added.dataset.tab);
  });
}
