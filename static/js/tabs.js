// The open queries: one panel each, all kept in the page so that text, undo and
// scroll positions survive. The server keeps which tabs are open and their order.

const strip = document.getElementById('tabs');
const panels = document.getElementById('panels');

const all = () => [...strip.querySelectorAll('[role="tab"]')];
const tabOf = (id) => all().find((tab) => tab.dataset.tab === id);
const panelOf = (id) => [...panels.children].find((panel) => panel.dataset.tab === id);
const itemOf = (tab) => (tab.parentElement === strip ? tab : tab.closest('#tabs > *'));

// The panel in view, or null on a page without tabs.
export const activePanel = () => panels?.querySelector(':scope > [role="tabpanel"]:not([hidden])') ?? null;

function activate(id, push = true) {
  const panel = panelOf(id);
  if (!panel) return;
  for (const each of panels.children) each.hidden = each !== panel;
  const tab = tabOf(id) ?? addTab(panel);
  for (const each of all()) {
    each.setAttribute('aria-selected', each === tab);
    each.classList.toggle('is-active', each === tab);
    each.tabIndex = each === tab ? 0 : -1;
  }
  tab?.classList.remove('is-finished', 'is-failed');
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  document.title = `${panel.dataset.title} · Dribble`;
  if (push && tab && tab.pathname !== location.pathname) history.pushState(null, '', tab.href);
  save();
}

// A tab for a panel the server has sent without a new strip.
function addTab(panel) {
  const first = all().at(-1);
  if (!first) return null;
  const { tab: id, title } = panel.dataset;
  const item = itemOf(first).cloneNode(true);
  const tab = item.matches('[role="tab"]') ? item : item.querySelector('[role="tab"]');
  Object.assign(tab, { id: `tab-${id}`, href: `/queries/${id}`, className: 'tab' });
  tab.dataset.tab = id;
  tab.setAttribute('aria-controls', panel.id);
  tab.querySelector('.tab-name').textContent = title;
  const close = item.querySelector('[name="close"]');
  close?.setAttribute('value', id);
  close?.setAttribute('aria-label', `Close ${title}`);
  itemOf(first).after(item);
  return tab;
}

// Shows the tab of an address, loading its panel the first time.
export async function open(href, push = true) {
  const url = new URL(href, location.href);
  const id = all().find((tab) => tab.pathname === url.pathname)?.dataset.tab ?? url.pathname.split('/').at(-1);
  if (panelOf(id) && !url.search) return activate(id, push);
  panelOf(id)?.remove();
  await globalThis.htmx.ajax('GET', url.pathname + url.search, { target: panels, swap: 'beforeend' });
  if (panelOf(id)) activate(id, push);
  else location.assign(href);
}

let saved = '';
function save() {
  const body = JSON.stringify({ tabs: all().map((tab) => tab.dataset.tab), active: activePanel()?.dataset.tab });
  if (body === saved) return;
  saved = body;
  fetch('/tabs', { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json' }, body }).catch(() => {});
}

function close(id) {
  const tabs = all();
  const at = tabs.findIndex((tab) => tab.dataset.tab === id);
  const next = tabs[at + 1] ?? tabs[at - 1];
  if (at < 0) return;
  const active = !panelOf(id) || !panelOf(id).hidden;
  itemOf(tabs[at]).remove();
  panelOf(id)?.dispatchEvent(new CustomEvent('tab-closed', { bubbles: true }));
  panelOf(id)?.remove();
  if (!next) location.assign('/');
  else if (active) open(next.href).then(() => next.focus());
  save();
}

// Steps from the tab in view: by so many, or to a number counted from 1.
export function step(by) { show((all().findIndex((tab) => tab.ariaSelected === 'true') + by + all().length) % all().length); }
export function show(index) { if (strip && all()[index]) open(all()[index].href); }
export function closeActive() { if (activePanel()) close(activePanel().dataset.tab); }

function rename(tab) {
  const name = tab.querySelector('.tab-name');
  const field = Object.assign(document.createElement('input'), { className: 'tab-rename', value: name.textContent.trim() });
  field.setAttribute('aria-label', 'Query name');
  field.maxLength = 255;
  const end = async (keep) => {
    if (!field.isConnected) return;
    const text = field.value.trim();
    field.replaceWith(name);
    if (!keep || text === '' || text === name.textContent.trim()) return;
    const answer = await fetch(`/queries/${tab.dataset.tab}/rename`, { method: 'POST', body: new URLSearchParams({ name: text }) });
    if (!answer.ok) return;
    name.textContent = text;
    const panel = panelOf(tab.dataset.tab);
    if (panel) panel.dataset.title = text;
  };
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter' || event.key === 'Escape') {
      end(event.key === 'Enter');
      tab.focus();
    }
  });
  field.addEventListener('blur', () => end(true));
  name.replaceWith(field);
  field.select();
}

function move(tab, by) {
  const item = itemOf(tab);
  const place = itemOf(all()[all().indexOf(tab) + by] ?? tab);
  if (place === item) return;
  place[by > 0 ? 'after' : 'before'](item);
  tab.focus();
  save();
}

function drag(event, tab) {
  const from = event.clientX;
  let dragging = false;
  const moved = (to) => {
    dragging ||= Math.abs(to.clientX - from) > 6;
    if (!dragging) return;
    strip.classList.add('is-dragging');
    const over = all().find((each) => {
      const box = itemOf(each).getBoundingClientRect();
      return to.clientX >= box.left && to.clientX <= box.right;
    });
    if (!over || over === tab) return;
    const box = itemOf(over).getBoundingClientRect();
    itemOf(over)[to.clientX > box.left + box.width / 2 ? 'after' : 'before'](itemOf(tab));
  };
  document.addEventListener('pointermove', moved);
  document.addEventListener('pointerup', () => {
    document.removeEventListener('pointermove', moved);
    if (!dragging) return;
    strip.addEventListener('click', (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
    setTimeout(() => strip.classList.remove('is-dragging'));
    save();
  }, { once: true });
}

function listen() {
  strip.addEventListener('pointerdown', (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab && event.button === 0 && !event.target.closest('input')) drag(event, tab);
  });
  strip.addEventListener('dragstart', (event) => event.preventDefault());
  strip.addEventListener('auxclick', (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (!tab || event.button !== 1) return;
    event.preventDefault();
    close(tab.dataset.tab);
  });
  strip.addEventListener('submit', (event) => {
    if (event.submitter?.name !== 'close') return;
    event.preventDefault();
    event.stopPropagation();
    close(event.submitter.value);
  }, true);
  strip.addEventListener('dblclick', (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab && event.target.closest('.tab-name')) rename(tab);
  });
  strip.addEventListener('keydown', (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (!tab) return;
    const tabs = all();
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.shiftKey && (event.ctrlKey || event.metaKey)) move(tab, by);
    else if (by) tabs.at((tabs.indexOf(tab) + by) % tabs.length).focus();
    else if (event.key === 'Home' || event.key === 'End') tabs.at(event.key === 'Home' ? 0 : -1).focus();
    else if (event.key === 'F2') rename(tab);
    else if (event.key === 'Delete') close(tab.dataset.tab);
    else return;
    event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="/queries/"], #tabs a[role="tab"]');
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.role !== 'tab' && !/^\/queries\/[^/]+$/.test(link.pathname)) return;
    if (event.target.closest('input')) return event.preventDefault();
    event.preventDefault();
    open(link.href);
  });
  addEventListener('popstate', () => open(location.href, false));
  panels.addEventListener('htmx:after:settle', (event) => {
    const added = event.detail.newContent?.find((node) => node.matches?.('#panels > .panel'));
    if (added) activate(added.dataset.tab);
  });
}

if (strip && panels) listen();
