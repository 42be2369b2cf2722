// The schema tree: one Tab stop, arrows inside, children loaded on first sight.

const tree = document.getElementById('tree');
const rows = () => [...tree.querySelectorAll('[role="treeitem"]')].filter((item) => item.checkVisibility());
const rowOf = (element) => element.closest?.('[role="treeitem"]');
const linkOf = (item) => item.querySelector(':scope > .tree-row > .tree-link') ?? item;

async function expand(item, on) {
  if (!item.hasAttribute('aria-expanded')) return;
  item.setAttribute('aria-expanded', on);
  const group = item.querySelector(':scope > [role="group"]');
  if (!group) return;
  group.hidden = !on;
  if (!on || !group.dataset.src || group.dataset.loading || group.childElementCount > 0) return;
  group.dataset.loading = 'true';
  await globalThis.htmx.ajax('GET', group.dataset.src, { source: group, target: group, swap: 'innerHTML' });
  delete group.dataset.loading;
}

function focus(item) {
  if (!item) return;
  for (const link of tree.querySelectorAll('.tree-link')) link.tabIndex = -1;
  linkOf(item).tabIndex = 0;
  linkOf(item).focus();
}

// The name to write for a row: a table with its schema, a column alone.
function names({ dataset }) {
  return dataset.kind === 'table' && dataset.schema ? [dataset.schema, dataset.name] : [dataset.name];
}

let typed = '';
let typedAt = 0;
function find(item, letter) {
  const now = Date.now();
  typed = now - typedAt < 700 ? typed + letter : letter;
  typedAt = now;
  const list = rows();
  const from = list.indexOf(item) + (typed.length === 1 ? 1 : 0);
  focus([...list.slice(from), ...list.slice(0, from)].find(({ dataset }) => dataset.name?.toLowerCase().startsWith(typed)));
}

function key(event) {
  const item = rowOf(event.target);
  if (!item || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input')) return;
  const list = rows();
  const at = list.indexOf(item);
  const open = item.getAttribute('aria-expanded');
  const { key: name } = event;
  if (name === 'ArrowDown') focus(list[at + 1]);
  else if (name === 'ArrowUp') focus(list[at - 1]);
  else if (name === 'Home') focus(list[0]);
  else if (name === 'End') focus(list.at(-1));
  else if (name === 'ArrowRight' && open === 'false') expand(item, true);
  else if (name === 'ArrowRight') focus(open === 'true' ? list[at + 1] : null);
  else if (name === 'ArrowLeft' && open === 'true') expand(item, false);
  else if (name === 'ArrowLeft') focus(rowOf(item.parentElement));
  else if (name === 'Enter' && /^(table|view|column)$/.test(item.dataset.kind)) insert(item);
  else if (name === 'Enter') expand(item, open !== 'true');
  else if (name === ' ') item.querySelector(':scope > .tree-row form[data-preview]')?.requestSubmit();
  else if (name.length === 1) find(item, name.toLowerCase());
  else return;
  event.preventDefault();
}

function insert(item) {
  tree.dispatchEvent(new CustomEvent('insert-names', { bubbles: true, detail: names(item) }));
}

// Rows that arrive are closed, and only one row of the tree takes Tab.
function settle() {
  const links = [...tree.querySelectorAll('.tree-link')];
  const first = links.find((link) => link.tabIndex === 0 && link.dataset.stop) ?? links[0];
  for (const link of links) link.tabIndex = link === first ? 0 : -1;
}

if (tree) {
  tree.addEventListener('keydown', key);
  tree.addEventListener('focusin', ({ target }) => {
    for (const link of tree.querySelectorAll('[data-stop]')) delete link.dataset.stop;
    target.dataset.stop = 'true';
  });
  tree.addEventListener('click', (event) => {
    const item = rowOf(event.target);
    if (!item || !event.target.closest('.tree-link') || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    focus(item);
    expand(item, item.getAttribute('aria-expanded') !== 'true');
  });
  tree.addEventListener('dblclick', (event) => {
    if (/^(table|view|column)$/.test(rowOf(event.target)?.dataset.kind)) insert(rowOf(event.target));
  });
  tree.addEventListener('htmx:after:settle', settle);
  settle();
}
