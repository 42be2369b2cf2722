// Result tabs: a tab shows its section and hides its brothers. The choice
// outlives a fresh tab bar sent by the run's stream.
import { neighbour, on, plain, settled } from 'dribble/dom.js';

const TAB = '.results [role="tablist"] [role="tab"]';
const brothers = (tab) => [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
const section = (tab) => document.getElementById(tab.getAttribute('aria-controls'));

function choose(tab) {
  for (const each of brothers(tab)) {
    const on = each === tab;
    each.ariaSelected = on;
    each.tabIndex = on ? 0 : -1;
    if (section(each)) section(each).hidden = !on;
  }
}

on('click', TAB, (tab, event) => {
  if (!plain(event) || !section(tab)) return;
  event.preventDefault();
  choose(tab);
  tab.closest('.results').dataset.chosen = section(tab).id;
});

on('keydown', TAB, (tab, event) => {
  const next = neighbour(brothers(tab), tab, event.key, 'ArrowLeft', 'ArrowRight');
  if (!next) return;
  event.preventDefault();
  next.click();
  next.focus();
});

settled(() => {
  for (const list of document.querySelectorAll('.results [role="tablist"]')) {
    const { chosen } = list.closest('.results').dataset;
    const tab = list.querySelector(`[aria-controls="${CSS.escape(chosen ?? '')}"]`) ?? list.querySelector('[aria-selected="true"]');
    if (tab) choose(tab);
  }
});
