// The form of a query: what a run covers, unsaved marks, and drafts that are
// stored while one types.

const DRAFT_AFTER = 600; // ms without typing
const drafts = new Map(); // form → timer

const formOf = (event) => event.target.closest?.('.query-form');

// Text and selection, from the editor or from the plain field without it.
function writing(form) {
  const editor = form.querySelector('sql-editor');
  const area = form.elements.sql;
  if (editor?.view) return { text: editor.text, from: editor.selected.from, to: editor.selected.to };
  return { text: area.value, from: area.selectionStart, to: area.selectionEnd };
}

// Run means the selection or the statement at the caret; Run all means all.
document.addEventListener('submit', (event) => {
  const form = formOf(event);
  if (!form?.elements.from) return;
  const { from, to } = writing(form);
  const everything = event.submitter && !event.submitter.hasAttribute('data-run');
  form.elements.from.value = everything ? '' : from;
  form.elements.to.value = everything ? '' : to;
}, true);

function mark(form, dirty) {
  const panel = form.closest('.panel');
  panel?.classList.toggle('is-dirty', dirty);
  document.getElementById(`tab-${panel?.dataset.tab}`)?.classList.toggle('is-dirty', dirty);
}

function send(form) {
  clearTimeout(drafts.get(form));
  if (!drafts.delete(form)) return;
  const body = new URLSearchParams({ sql: writing(form).text, source_id: form.elements.source_id?.value ?? '' });
  // keepalive requests may carry 64 kB; longer text is sent without the promise.
  const keepalive = body.toString().length < 60_000;
  fetch(form.dataset.draftUrl, { method: 'POST', body, keepalive }).catch(() => later(form));
}

function later(form) {
  clearTimeout(drafts.get(form));
  drafts.set(form, setTimeout(() => send(form), DRAFT_AFTER));
}

function edited(event) {
  const form = formOf(event);
  if (!form?.dataset.draftUrl) return;
  const saved = form.savedText ?? (form.closest('.panel.is-dirty') ? null : form.elements.sql.defaultValue);
  form.savedText = saved;
  mark(form, writing(form).text !== saved);
  later(form);
}

document.addEventListener('sql-input', edited);
document.addEventListener('input', (event) => { if (event.target.matches('textarea[name="sql"]')) edited(event); });
document.addEventListener('change', (event) => { if (event.target.name === 'source_id' && formOf(event)?.dataset.draftUrl) later(formOf(event)); });
document.addEventListener('tab-closed', ({ target }) => target.querySelectorAll('.query-form').forEach(send));
document.addEventListener('visibilitychange', () => { if (document.hidden) [...drafts.keys()].forEach(send); });
addEventListener('pagehide', () => [...drafts.keys()].forEach(send));

document.addEventListener('htmx:after:request', ({ target, detail: { ctx } }) => {
  const form = target.matches?.('[data-save]') && target.form;
  if (!form || !ctx.response || ctx.response.status >= 400) return;
  form.savedText = ctx.request.body?.get?.('sql') ?? writing(form).text;
  mark(form, writing(form).text !== form.savedText);
});

document.addEventListener('insert-names', ({ detail }) => {
  document.querySelector('#panels > .panel:not([hidden]) sql-editor')?.insertNames?.(detail);
});

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-goto]');
  if (button) button.closest('.panel')?.querySelector('sql-editor')?.goTo?.(Number(button.dataset.goto));
});
