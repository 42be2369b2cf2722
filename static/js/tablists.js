// Result tabs: a tab shows its section and hides its brothers. The choice
// outlives a fresh tab bar sent by the run's stream.

const tabsOf = (list) => [...list.querySelectorAll('[role="tab"]')];
const target = (tab) => document.getElementById(tab.getAttribute('aria-controls'));

function choose(list, tab, focus = false) {
  for (const each of tabsOf(list)) {
    const on = each === tab;
    each.setAttribute('aria-selected', on);
    each.classList.toggle('is-active', on);
    each.tabIndex = on ? 0 : -1;
    const section = target(each);
    if (section) section.hidden = !on;
  }
  if (focus) tab.focus();
}

const listOf = (event) => event.target.closest?.('[role="tablist"]:not(#tabs)');

document.addEventListener('click', (event) => {
  const list = listOf(event);
  const tab = event.target.closest?.('[role="tab"]');
  if (!list || !tab || event.ctrlKey || event.metaKey || !target(tab)) return;
  event.preventDefault();
  choose(list, tab);
  const results = list.closest('.results');
  if (results) results.dataset.chosen = tab.getAttribute('aria-controls');
});

document.addEventListener('keydown', (event) => {
  const list = listOf(event);
  if (!list || !event.target.matches('[role="tab"]')) return;
  const tabs = tabsOf(list);
  const at = tabs.indexOf(event.target);
  const next = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  tabs.at(next).click();
  tabs.at(next).focus();
});

function restore() {
  for (const list of document.querySelectorAll('.results [role="tablist"]')) {
    const tabs = tabsOf(list);
    const { chosen } = list.closest('.results').dataset;
    const tab = tabs.find((each) => each.getAttribute('aria-controls') === chosen) ?? tabs.find((each) => each.ariaSelected === 'true');
    if (tab) choose(list, tab);
  }
}
document.addEventListener('htmx:after:settle', restore);
restore();
