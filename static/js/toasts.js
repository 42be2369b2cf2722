// Notes in the corner. A note leaves after a while, unless it is an error or
// the reader is on it; at most three are shown.
import { on } from 'dribble/dom.js';

const region = document.getElementById('toasts');

// Shows text as a note of a kind: ok, info, warn or error.
export function toast(text, kind = 'info') {
  const note = document.getElementById('toast-template')?.content.firstElementChild.cloneNode(true);
  if (!note) return;
  note.dataset.kind = kind;
  note.querySelector('.toast-text').textContent = text;
  region?.append(note);
}

function time(note) {
  const leave = () => (note.matches(':hover, :focus-within') ? setTimeout(leave, 1000) : note.remove());
  if (note.dataset?.kind !== 'error') setTimeout(leave, note.querySelector?.('.toast-action') ? 8000 : 4000);
}

if (region) {
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(time);
    while (region.children.length > 3) region.firstElementChild.remove();
  }).observe(region, { childList: true });
}
on('click', '.toast [data-close]', (button) => button.closest('.toast').remove());
