// The form of a query: what a run covers, unsaved marks, and drafts that are
// stored while one types.
import { on, post } from 'dribble/dom.js';

const DRAFT_AFTER = 600; // ms without typing
const drafts = new Map(); // form → timer

// Text and selection, from the editor or from the plain field without it.
function writing(form) {
  const editor = form.querySelector('sql-editor');
  const area = form.elements.sql;
  if (editor?.view) return { text: editor.text, from: editor.selected.from, to: editor.selected.to };
  return { text: area.value, from: area.selectionStart, to: area.selectionEnd };
}

// Run means the selection or the statement at the caret; Run all means all.
on('submit', '.query-form', (form, { submitter }) => {
  const { from, to } = writing(form);
  const all = submitter && !submitter.hasAttribute('data-run');
  form.elements.from.value = all ? '' : from;
  form.elements.to.value = all ? '' : to;
}, true);

function mark(form) {
  const panel = form.closest('.panel');
  const dirty = writing(form).text !== form.savedText;
  panel.classList.toggle('is-dirty', dirty);
  document.getElementById(`tab-${panel.dataset.tab}`)?.classList.toggle('is-dirty', dirty);
}

function send(form) {
  clearTimeout(drafts.get(form));
  if (!drafts.delete(form)) return;
  const body = new URLSearchParams({ sql: writing(form).text, source_id: form.elements.source_id?.value ?? '' });
  post(form.dataset.draftUrl, body).catch(() => later(form));
}

function later(form) {
  clearTimeout(drafts.get(form));
  drafts.set(form, setTimeout(() => send(form), DRAFT_AFTER));
}

on('sql-input input', '.query-form [name="sql"], sql-editor', (field) => {
  const form = field.closest('form');
  if (form.savedText === undefined) form.savedText = form.closest('.panel.is-dirty') ? null : form.elements.sql.defaultValue;
  mark(form);
  later(form);
});
on('change', '.query-form [name="source_id"]', (field) => later(field.form));
document.addEventListener('tab-closed', ({ target }) => target.querySelectorAll('.query-form').forEach(send));
document.addEventListener('visibilitychange', () => { if (document.hidden) [...drafts.keys()].forEach(send); });

on('htmx:after:request', '[data-save]', (button, { detail: { ctx } }) => {
  if (!(ctx.response?.status < 400)) return;
  button.form.savedText = ctx.request.body.get('sql');
  mark(button.form);
});

on('click', '[data-goto]', (button) => button.closest('.panel').querySelector('sql-editor')?.goTo?.(Number(button.dataset.goto)));
