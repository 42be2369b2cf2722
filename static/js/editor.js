// <sql-editor>: CodeMirror over the textarea it wraps. The textarea stays the
// form's field: a post carries the editor's text, but the field itself is filled
// only when the editor goes, because a field of 1 MiB takes 40 ms to fill.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { loadSchema, quoteName, suggest } from 'dribble/complete.js';
import { dialects, looks, runBar } from 'dribble/editor-look.js';
import { problems, setProblems, stepProblem } from 'dribble/editor-problems.js';

// Left to itself, Chromium writes style attributes when typed text replaces a
// selection, and the content security policy reports them.
function replaceSelection(event, view) {
  const { state } = view;
  const { empty, from, to } = state.selection.main;
  if (event.inputType !== 'insertText' || empty || event.isComposing || !event.data) return false;
  const insert = () => state.update(state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
  const handled = state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, insert));
  if (!handled) view.dispatch(insert());
  return true;
}

class SQLEditor extends HTMLElement {
  language = new Compartment();

  connectedCallback() {
    this.area = this.querySelector('textarea');
    if (this.view || !this.area) return;
    this.view = new EditorView({ state: this.state(), parent: this });
    this.area.hidden = true;
    this.classList.add('is-live');
    this.stop = new AbortController();
    const { signal } = this.stop;
    document.addEventListener('htmx:after:settle', ({ target }) => {
      if (this.scope && (target.contains(this.scope) || this.scope.contains(target))) this.readProblems();
      this.caret(); // its place may be new
    }, { signal });
    const form = this.closest('form');
    form?.addEventListener('formdata', ({ formData }) => formData.set(this.area.name, this.text), { signal });
    form?.addEventListener('change', ({ target }) => { if (target.name === 'source_id') this.useSource(target); }, { signal });
    this.caret();
    this.readProblems();
  }

  disconnectedCallback() {
    this.stop?.abort();
    if (this.view) this.area.value = this.text; // should it come back
    this.view?.destroy();
    this.view = undefined;
  }

  get text() { return this.view.state.doc.toString(); }
  get selected() { return this.view.state.selection.main; }
  get dialect() { return this.dataset.dialect; }
  get scope() { return document.getElementById(this.dataset.problemScope); }
  get parser() { return (dialects[this.dialect] ?? dialects.postgres).language.extension; }

  state() {
    return EditorState.create({
      doc: this.area.value,
      extensions: [
        EditorView.cspNonce.of(document.querySelector('meta[name="csp-nonce"]')?.content ?? ''),
        this.language.of(this.parser), lineNumbers(), runBar, problems, looks, highlightActiveLine(), highlightActiveLineGutter(),
        history(), drawSelection(), dropCursor(), bracketMatching(), closeBrackets(), search({ top: true }), highlightSelectionMatches(),
        EditorState.allowMultipleSelections.of(true), indentUnit.of('  '), EditorState.tabSize.of(2),
        autocompletion({ override: [(context) => this.complete(context)], icons: false, optionClass: ({ type }) => `kind-${type}` }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': this.area.ariaLabel ?? 'SQL', 'aria-description': 'Tab indents. Press Escape, then Tab to leave the editor.' }),
        EditorView.domEventHandlers({ beforeinput: replaceSelection }),
        EditorView.updateListener.of((update) => this.updated(update)),
      ],
    });
  }

  updated({ docChanged, selectionSet }) {
    if (docChanged) {
      this.dispatchEvent(new CustomEvent('sql-input', { bubbles: true }));
    }
    if (docChanged || selectionSet) this.caret();
  }

  caret() {
    const line = this.view.state.doc.lineAt(this.selected.head);
    const place = this.closest('.panel')?.querySelector('[data-caret]');
    if (place) place.textContent = `Ln ${line.number}, Col ${this.selected.head - line.from + 1}`;
  }

  async complete(context) {
    const word = context.matchBefore(/[\w$.]+/)?.text ?? '';
    if (!context.explicit && word.length < 2 && !word.endsWith('.')) return null;
    const schema = await loadSchema(this.dataset.completionUrl);
    return context.aborted || !this.view ? null : suggest(schema, this.text, context.pos, this.dialect);
  }

  // The options of the source select carry the dialect.
  useSource({ value, selectedOptions: [{ dataset }] }) {
    Object.assign(this.dataset, { dialect: dataset.dialect, completionUrl: `/sources/${value}/completion` });
    this.view.dispatch({ effects: this.language.reconfigure(this.parser) });
  }

  // Draws what the server found wrong; its markers live in the results.
  readProblems() {
    const end = this.view.state.doc.length; // the text may have become shorter
    const found = [...this.scope?.querySelectorAll('[data-problem]') ?? []].map(({ dataset }) => (
      { ...dataset, from: Math.min(dataset.from, end), to: Math.min(dataset.to, end) }));
    this.view.dispatch({ effects: setProblems.of(found.sort((a, b) => a.from - b.from)) });
  }

  step(direction) { stepProblem(this.view, direction); }

  goTo(offset) {
    this.view.dispatch({ selection: { anchor: Math.min(offset, this.view.state.doc.length) }, scrollIntoView: true });
    this.view.focus();
  }

  // Writes names ([schema, table] or [column]) at the caret as this dialect spells them.
  async insertNames(names) {
    const schema = await loadSchema(this.dataset.completionUrl);
    const short = names.length > 1 && names[0] === schema?.default_schema ? names.slice(1) : names;
    this.view.dispatch(this.view.state.replaceSelection(short.map((name) => quoteName(name, this.dialect)).join('.')));
    this.view.focus();
  }
}

customElements.define('sql-editor', SQLEditor);
