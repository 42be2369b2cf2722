// Layers and small controls: the one dialog that fragments are put into, menus,
// copy buttons, password fields, and where focus goes when its element is gone.
import { copyText, neighbour, on, settled } from 'dribble/dom.js';
import { toast } from 'dribble/toasts.js';

const dialog = document.getElementById('dialog');
settled(() => {
  const filled = dialog?.childElementCount > 0;
  if (filled && !dialog.open) dialog.showModal();
  else if (!filled) dialog?.close();
});
dialog?.addEventListener('close', () => dialog.replaceChildren());
on('click', 'dialog [data-close]', (button) => button.closest('dialog').close());

document.addEventListener('click', ({ target }) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(target) || target.closest('a, button')) menu.open = false;
  }
});
on('keydown', 'details.menu[open]', (menu, event) => {
  const [summary, ...items] = [...menu.querySelectorAll('a[href], button, input, summary')].filter((item) => item.checkVisibility() && !item.disabled);
  const next = event.key === 'Escape' ? summary : neighbour(items, document.activeElement, event.key, 'ArrowUp', 'ArrowDown');
  if (!next) return;
  menu.open = next !== summary;
  next.focus();
  event.preventDefault();
  event.stopPropagation();
}, true);

// With an address copies that element's text; without one, the grid in view.
on('click', '[data-copy]', (button) => {
  const text = button.dataset.copy && document.querySelector(button.dataset.copy)?.textContent;
  if (text && copyText(text)) toast('Copied.', 'ok');
  if (!text) [...button.closest('.results')?.querySelectorAll('sql-grid') ?? []].find((grid) => grid.checkVisibility())?.copyShown();
});

on('click', '[data-reveal]', (button) => {
  const field = document.getElementById(button.dataset.reveal);
  field.type = field.type === 'password' ? 'text' : 'password';
  button.setAttribute('aria-pressed', field.type === 'text');
});

// A swap may take the focused element away: its region's heading gets focus.
let focused;
let region;
document.addEventListener('focusin', ({ target }) => {
  focused = target;
  region = target.closest('.results, .panel, section[id], nav, main')?.id;
});
settled(() => {
  const gone = focused && !focused.isConnected && document.activeElement === document.body && !dialog?.open;
  const place = gone && document.getElementById(region);
  const heading = place && (place.querySelector('h1, h2, h3, [role="tab"][aria-selected="true"]') ?? place);
  if (!heading) return;
  if (heading.tabIndex < 0) heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
});
