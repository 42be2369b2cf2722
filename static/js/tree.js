// The schema tree: one Tab stop, arrows inside, children loaded on first sight.
import { neighbour, on, plain, settled } from 'dribble/dom.js';
import { activePanel } from 'dribble/tabs.js';

const ITEM = '#tree [role="treeitem"]';
const NAMED = /^(table|view|column)$/;
const shown = () => [...document.querySelectorAll(ITEM)].filter((item) => item.checkVisibility());
const linkOf = (item) => item.querySelector('.tree-link');

async function expand(item, on) {
  const group = item.querySelector(':scope > [role="group"]');
  if (!item.ariaExpanded || !group) return;
  item.ariaExpanded = on;
  group.hidden = !on;
  if (!on || !group.dataset.src || item.ariaBusy === 'true' || group.childElementCount > 0) return;
  item.ariaBusy = true;
  await globalThis.htmx.ajax('GET', group.dataset.src, { source: group, target: group, swap: 'innerHTML' });
  item.ariaBusy = false;
}

let stop = null; // the item that takes Tab
function focus(item) {
  if (!item) return;
  stop = item;
  settle();
  linkOf(item).focus();
}

// Of all the links in the tree one takes Tab.
function settle() {
  const links = [...document.querySelectorAll('#tree .tree-link')];
  const first = stop?.isConnected ? linkOf(stop) : links[0];
  for (const link of links) link.tabIndex = link === first ? 0 : -1;
}
settled(settle);

function insert(item) {
  const { kind, schema, name } = item.dataset;
  activePanel()?.querySelector('sql-editor')?.insertNames?.(kind !== 'column' && schema ? [schema, name] : [name]);
}

let typed = '';
let typedAt = 0;
function find(item, letter) {
  typed = Date.now() - typedAt < 700 ? typed + letter : letter;
  typedAt = Date.now();
  const list = shown();
  const from = list.indexOf(item) + (typed.length === 1 ? 1 : 0);
  focus([...list.slice(from), ...list.slice(0, from)].find(({ dataset }) => dataset.name?.toLowerCase().startsWith(typed)));
}

on('keydown', ITEM, (item, event) => {
  const { key } = event;
  const open = item.ariaExpanded;
  const list = shown();
  const edge = (key === 'ArrowUp' && item === list[0]) || (key === 'ArrowDown' && item === list.at(-1));
  const next = edge ? item : neighbour(list, item, key, 'ArrowUp', 'ArrowDown');
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (next) focus(next);
  else if (key === 'ArrowRight' && open === 'false') expand(item, true);
  else if (key === 'ArrowRight' && open) focus(item.querySelector('[role="treeitem"]'));
  else if (key === 'ArrowLeft' && open === 'true') expand(item, false);
  else if (key === 'ArrowLeft') focus(item.parentElement.closest(ITEM));
  else if (key === 'Enter' && NAMED.test(item.dataset.kind)) insert(item);
  else if (key === 'Enter') expand(item, open !== 'true');
  else if (key === ' ') item.querySelector(':scope > .tree-row [data-preview]')?.requestSubmit();
  else if (key.length === 1) find(item, key.toLowerCase());
  else return;
  event.preventDefault();
});

on('click', `${ITEM} .tree-link`, (link, event) => {
  if (!plain(event)) return;
  event.preventDefault();
  const item = link.closest(ITEM);
  focus(item);
  expand(item, item.ariaExpanded !== 'true');
});
on('dblclick', `${ITEM} .tree-link`, (link) => { if (NAMED.test(link.closest(ITEM).dataset.kind)) insert(link.closest(ITEM)); });
