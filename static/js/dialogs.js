// Layers and small controls: the one dialog that fragments are put into, menus,
// copy buttons, password fields, and where focus goes when its element is gone.
import { toast } from 'dribble/toasts.js';

const dialog = document.getElementById('dialog');

document.addEventListener('htmx:after:settle', () => {
  if (!dialog) return;
  const filled = dialog.childElementCount > 0;
  if (filled && !dialog.open) dialog.showModal();
  else if (!filled && dialog.open) dialog.close();
});
dialog?.addEventListener('close', () => dialog.replaceChildren());

document.addEventListener('click', async (event) => {
  const { target } = event;
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(target) || target.closest('a, button:not(summary *)')) menu.open = false;
  }
  if (target.closest('[data-close]')) target.closest('dialog')?.close();
  const copy = target.closest('[data-copy]');
  if (copy) copyFrom(copy);
  const reveal = target.closest('[data-reveal]');
  const field = reveal && document.getElementById(reveal.dataset.reveal);
  if (field) {
    field.type = field.type === 'password' ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', field.type === 'text');
  }
});

// With an address copies that element's text; without one, the grid in view.
function copyFrom(button) {
  const text = button.dataset.copy && document.querySelector(button.dataset.copy)?.textContent;
  if (!text) {
    const grids = [...(button.closest('.results')?.querySelectorAll('sql-grid') ?? [])];
    grids.find((grid) => grid.checkVisibility())?.copyShown();
    return;
  }
  const write = (event) => {
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener('copy', write, { capture: true, once: true });
  if (document.execCommand('copy')) toast('Copied.', 'ok');
}

document.addEventListener('keydown', (event) => {
  const menu = event.target.closest?.('details.menu[open]');
  if (!menu) return;
  const items = [...menu.querySelectorAll('a[href], button:not(:disabled)')];
  const at = items.indexOf(document.activeElement);
  if (event.key === 'Escape') {
    menu.open = false;
    menu.querySelector('summary').focus();
    event.stopPropagation();
  } else if (event.key === 'ArrowDown') items[(at + 1) % items.length]?.focus();
  else if (event.key === 'ArrowUp') items.at(at <= 0 ? -1 : at - 1)?.focus();
  else return;
  event.preventDefault();
}, true);

// A swap may take the focused element away: its region's heading gets focus.
let region = null;
document.addEventListener('focusin', ({ target }) => {
  region = target.closest('.results, .panel, section[id], nav, main')?.id ?? null;
});
document.addEventListener('htmx:after:settle', () => {
  if (document.activeElement !== document.body || !region || document.querySelector('dialog[open]')) return;
  const place = document.getElementById(region);
  const heading = place?.querySelector('h1, h2, h3, [role="tab"][aria-selected="true"]') ?? place;
  if (heading && !heading.matches('a, button')) heading.tabIndex = -1;
  heading?.focus({ preventScroll: true });
});
