// <sql-editor>: CodeMirror over the textarea it wraps. The textarea stays the
// form's field and is kept equal to the text, so posting works as without script.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { loadSchema, quoteName, suggest } from 'dribble/complete.js';
import { dialects, looks, runBar } from 'dribble/editor-look.js';
import { problems, setProblems, stepProblem } from 'dribble/editor-problems.js';

class SQLEditor extends HTMLElement {
  static observedAttributes = ['data-dialect'];

  dialectSlot = new Compartment();

  connectedCallback() {
    this.area = this.querySelector('textarea');
    if (this.view || !this.area) return;
    this.view = new EditorView({ state: this.state(), parent: this });
    this.area.hidden = true;
    this.classList.add('is-live');
    this.caret();
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener('htmx:after:settle', (event) => this.swapped(event), { signal });
    this.form?.addEventListener('change', (event) => this.sourceChanged(event), { signal });
    this.readProblems();
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.view?.destroy();
    this.view = undefined;
  }

  attributeChangedCallback() {
    this.view?.dispatch({ effects: this.dialectSlot.reconfigure(this.language.extension) });
  }

  get form() { return this.closest('form'); }
  get text() { return this.view.state.doc.toString(); }
  get selected() { return this.view.state.selection.main; }
  get dialect() { return this.dataset.dialect ?? 'postgres'; }
  get language() { return (dialects[this.dialect] ?? dialects.postgres).language; }

  state() {
    return EditorState.create({
      doc: this.area.value,
      extensions: [
        EditorView.cspNonce.of(document.querySelector('meta[name="csp-nonce"]')?.content ?? ''),
        this.dialectSlot.of(this.language.extension),
        lineNumbers(), runBar, problems, looks,
        highlightActiveLine(), highlightActiveLineGutter(),
        history(), drawSelection(), dropCursor(), bracketMatching(), closeBrackets(),
        EditorState.allowMultipleSelections.of(true), indentUnit.of('  '), EditorState.tabSize.of(2),
        search({ top: true }), highlightSelectionMatches(),
        autocompletion({ override: [(context) => this.complete(context)], icons: false, optionClass: (option) => `kind-${option.type}` }),
        keymap.of([
          { key: 'F8', run: (view) => stepProblem(view, 1), shift: (view) => stepProblem(view, -1) },
          ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab,
        ]),
        EditorView.contentAttributes.of({
          'aria-label': this.area.getAttribute('aria-label') ?? 'SQL',
          'aria-description': 'Tab indents. Press Escape, then Tab to leave the editor.',
        }),
        EditorView.updateListener.of((update) => this.updated(update)),
      ],
    });
  }

  updated(update) {
    if (update.docChanged) {
      this.area.value = this.text;
      this.dispatchEvent(new CustomEvent('sql-input', { bubbles: true }));
    }
    if (update.docChanged || update.selectionSet) this.caret();
  }

  caret() {
    const line = this.view.state.doc.lineAt(this.selected.head);
    const place = this.closest('.panel')?.querySelector('[data-caret]');
    if (place) place.textContent = `Ln ${line.number}, Col ${this.selected.head - line.from + 1}`;
  }

  async complete(context) {
    const word = context.matchBefore(/[\w$.]+/);
    if (!context.explicit && (!word || (word.text.length < 2 && !word.text.endsWith('.')))) return null;
    const schema = await loadSchema(this.dataset.completionUrl);
    if (context.aborted) return null;
    return suggest(schema, this.text, context.pos, this.dialect);
  }

  // The select's options say which dialect and which completion belong to a source.
  sourceChanged(event) {
    if (event.target.name !== 'source_id') return;
    const { dialect, completionUrl } = event.target.selectedOptions[0].dataset;
    this.dataset.completionUrl = completionUrl ?? `/sources/${event.target.value}/completion`;
    if (dialect) this.dataset.dialect = dialect;
  }

  swapped(event) {
    const scope = document.getElementById(this.dataset.problemScope);
    if (scope && (event.target.contains(scope) || scope.contains(event.target))) this.readProblems();
  }

  // Draws what the server found wrong; its markers live in the results.
  readProblems() {
    const found = document.getElementById(this.dataset.problemScope)?.querySelectorAll('[data-problem]') ?? [];
    const marks = [...found].map(({ dataset }) => ({ ...dataset, from: Number(dataset.from), to: Number(dataset.to) }));
    this.view.dispatch({ effects: setProblems.of(marks) });
  }

  goTo(offset) {
    this.view.dispatch({ selection: { anchor: Math.min(offset, this.view.state.doc.length) }, scrollIntoView: true });
    this.view.focus();
  }

  step(direction) { return stepProblem(this.view, direction); }

  // Writes names ([schema, table] or [column]) at the caret as this dialect spells them.
  async insertNames(names) {
    const schema = await loadSchema(this.dataset.completionUrl);
    const short = names.length > 1 && names[0] === schema?.default_schema ? names.slice(1) : names;
    this.view.dispatch(this.view.state.replaceSelection(short.map((name) => quoteName(name, this.dialect)).join('.')));
    this.view.focus();
  }

  openCompletion() { startCompletion(this.view); }
}

customElements.define('sql-editor', SQLEditor);
