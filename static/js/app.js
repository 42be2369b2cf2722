// Entry point: each import is one behaviour, bound by attributes and roles.
import 'dribble/dialogs.js';
import 'dribble/grid.js';
import 'dribble/keys.js';
import 'dribble/query.js';
import 'dribble/runs.js';
import 'dribble/tablists.js';
import 'dribble/tree.js';
import { settled } from 'dribble/dom.js';

// The editor is big, so it is loaded only for a page that has one. Without it
// the plain text field stays, and works.
settled(() => {
  if (document.querySelector('sql-editor')) import('dribble/editor.js').catch((cause) => console.warn('editor not loaded', cause));
});
