// Notes in the corner. A note leaves after a while, unless it is an error or
// the reader is on it; at most three are shown.

const region = document.getElementById('toasts');

// Shows text as a note of a kind: ok, info, warn or error.
export function toast(text, kind = 'info') {
  const template = document.getElementById('toast-template');
  if (!template || !region) return;
  const note = template.content.firstElementChild.cloneNode(true);
  note.dataset.kind = kind;
  note.querySelector('.toast-text').textContent = text;
  region.append(note);
}

function time(note) {
  const leave = () => {
    if (note.matches(':hover, :focus-within')) setTimeout(leave, 1000);
    else note.remove();
  };
  if (note.dataset.kind !== 'error') setTimeout(leave, note.querySelector('.toast-action') ? 8000 : 4000);
}

if (region) {
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) [...addedNodes].filter((node) => node instanceof HTMLElement).forEach(time);
    while (region.children.length > 3) region.firstElementChild.remove();
  }).observe(region, { childList: true });
  region.addEventListener('click', (event) => {
    if (event.target.closest('[data-close]')) event.target.closest('.toast').remove();
  });
}
document.addEventListener('toast', ({ detail }) => toast(detail.text, detail.kind));
