// What is coloured and marked in the editor. Only classes are set here: their looks
// are in the style sheets, shared by both themes and by server-coloured code.
import { MariaSQL, MySQL, PostgreSQL, SQLDialect, SQLite } from '@codemirror/lang-sql';
import { ensureSyntaxTree, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { RangeSet, StateField } from '@codemirror/state';
import { Decoration, GutterMarker, ViewPlugin, gutterLineClass } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';

// The dialects' own lists hold every non-reserved word (name, month, status …),
// which would paint ordinary columns as keywords.
export const keywords = `select from where group by order having limit offset fetch first next rows row only with recursive as
 on using join inner left right full outer cross natural lateral union intersect except all distinct and or not in is null like
 ilike between exists any some case when then else end insert into values update set delete returning conflict do nothing create
 alter drop truncate table view index schema database materialized temporary temp if replace primary key foreign references
 unique check default constraint add column rename to cast over partition window filter within interval explain analyze
 begin commit rollback savepoint grant revoke asc desc nulls last true false similar escape collate for of
 pragma describe show use generated always identity cascade restrict trigger function procedure returns language
 declare call lock vacuum straight_join ignore duplicate regexp rlike glob qualify tablesample range preceding following
 unbounded current exclude`.replace(/\s+/g, ' '); // lang-sql splits at single spaces

const define = (base) => SQLDialect.define({ ...base.spec, keywords });

export const dialects = {
  postgres: define(PostgreSQL), mysql: define(MySQL), mariadb: define(MariaSQL), sqlite: define(SQLite),
};

// A word straight before a parenthesis is a call, but for these.
const NOT_CALLS = new Set('in values and or not exists any all some on using as over key where when case table into from by'.split(' '));

function calls(view) {
  const found = [];
  const mark = Decoration.mark({ class: 'syn-fn' });
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({ from, to, enter(node) {
      if (node.name !== 'Parens') return;
      let word = node.node.prevSibling;
      if (word?.name === 'CompositeIdentifier') word = word.lastChild;
      if (!word || word.to !== node.from || !/^(Identifier|Keyword|Type|Builtin)$/.test(word.name)) return;
      if (!NOT_CALLS.has(view.state.sliceDoc(word.from, word.to).toLowerCase())) found.push(mark.range(word.from, word.to));
    } });
  }
  return Decoration.set(found, true);
}

const callColours = ViewPlugin.define((view) => ({
  decorations: calls(view),
  update({ view: now, startState, state, docChanged, viewportChanged }) {
    if (docChanged || viewportChanged || syntaxTree(startState) !== syntaxTree(state)) this.decorations = calls(now);
  },
}), { decorations: ({ decorations }) => decorations });

// The statement a run at this position means: the one around it, the one that
// ended earlier on its line, else the next.
function statementAt(state, position) {
  const { topNode } = ensureSyntaxTree(state, Math.min(state.doc.length, position + 5000), 5) ?? syntaxTree(state);
  let next = topNode.childAfter(position);
  let before = topNode.childBefore(position);
  while (next && next.name !== 'Statement') next = next.nextSibling;
  while (before && before.name !== 'Statement') before = before.prevSibling;
  if (next?.from <= position) return next;
  return before && position <= state.doc.lineAt(before.to).to ? before : next ?? before;
}

const marker = new (class extends GutterMarker { elementClass = 'cm-will-run'; })();

function runLines(state) {
  const { main } = state.selection;
  const range = main.empty ? statementAt(state, main.head) : main;
  const lines = [];
  for (let at = range?.from; at <= range?.to; at = state.doc.lineAt(at).to + 1) lines.push(marker.range(state.doc.lineAt(at).from));
  return RangeSet.of(lines);
}

export const runBar = StateField.define({
  create: runLines,
  update: (lines, { docChanged, selection, startState, state }) => (
    docChanged || selection || syntaxTree(startState) !== syntaxTree(state) ? runLines(state) : lines),
  provide: (field) => gutterLineClass.from(field),
});

export const looks = [syntaxHighlighting(classHighlighter), callColours];
