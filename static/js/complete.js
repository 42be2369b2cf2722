// What may come next in a statement, from the schema of its source. Everything
// here is text in, suggestions out; only loadSchema talks to the server.
import { keywords } from 'dribble/editor-look.js';

const MOST = 300; // suggestions shown at once
const loading = new Map();

// The schema behind a completion address; asked once, asked again after a failure.
export function loadSchema(url) {
  const fail = () => loading.delete(url) && null;
  const read = (answer) => (answer.ok ? answer.json() : fail());
  if (url && !loading.has(url)) loading.set(url, fetch(url, { headers: { Accept: 'application/json' } }).then(read).catch(fail));
  return loading.get(url);
}

const CLAUSES = new Set(keywords.split(' '));
const BEFORE_TABLE = /^(from|join|update|into|table)$/;

// A name as the dialect wants it: bare when that is safe, else quoted.
export function quoteName(name, dialect) {
  const bare = dialect === 'postgres' ? /^[a-z_][a-z0-9_$]*$/ : /^[A-Za-z_][A-Za-z0-9_]*$/;
  if (bare.test(name) && !CLAUSES.has(name.toLowerCase()) && name.toLowerCase() !== 'user') return name;
  const quote = /^(mysql|mariadb)$/.test(dialect) ? '`' : '"';
  return quote + name.replaceAll(quote, quote + quote) + quote;
}

const TOKEN = /--[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|\$(\w*)\$[^]*?(?:\$\1\$|$)|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|\s+|[^]/gu;

// Words, names and signs of the statement round a position; null inside a
// comment or a text, where nothing is suggested.
function statement(text, position) {
  let tokens = [];
  for (const { 0: raw, index: from } of text.matchAll(TOKEN)) {
    const to = from + raw.length;
    const inside = from < position && to > position;
    const comment = /^(--|\/\*)/.test(raw);
    if ((inside && /^['$]/.test(raw)) || (comment && from < position && (inside || (raw[0] === '-' && to === position)))) return null;
    if (raw === ';' && to > position) break;
    if (raw === ';') tokens = [];
    if (raw === ';' || comment || /^\s/.test(raw)) continue;
    const quoted = /^["`]/.test(raw);
    const isName = quoted || /^[\p{L}_]/u.test(raw);
    tokens.push({ from, to, raw, isName, name: quoted ? raw.slice(1, -1) : raw, word: quoted ? '' : raw.toLowerCase() });
  }
  return tokens;
}

const isAlias = (token) => token?.isName && !CLAUSES.has(token.word);

// Tables named in the statement, [{path: [schema, table], alias}], and its CTEs.
function sources(tokens) {
  const tables = [];
  const ctes = [];
  let listing = false;
  for (let i = 0; i < tokens.length; i++) {
    const { isName, name, word, raw } = tokens[i];
    if (isName && tokens[i + 1]?.word === 'as' && tokens[i + 2]?.raw === '(') ctes.push(name);
    if (BEFORE_TABLE.test(word)) listing = true;
    else if (CLAUSES.has(word)) listing = false;
    if (!BEFORE_TABLE.test(word) && !(listing && raw === ',')) continue;
    const path = [];
    let at = i + 1;
    for (; isAlias(tokens[at]); at++) {
      path.push(tokens[at].name);
      if (tokens[at + 1]?.raw === '.') at++;
    }
    if (path.length === 0) continue;
    // Names that follow without a dot are the alias: FROM a.b c.
    const dotted = tokens[at - 2]?.raw !== '.' && path.length > 1;
    const alias = dotted ? path.pop() : tokens[at]?.word === 'as' && isAlias(tokens[at + 1]) ? tokens[at + 1].name : '';
    tables.push({ path: path.slice(-2), alias });
  }
  return { tables, ctes };
}

const same = (a, b) => a.toLowerCase() === b.toLowerCase();

function findTable(schema, path) {
  const group = path.length > 1 ? path[0] : schema.default_schema ?? '';
  const home = schema.schemas.filter(({ name }) => same(name, group));
  const places = path.length > 1 ? home : [...home, ...schema.schemas];
  return places.flatMap(({ tables }) => tables).find(({ name }) => same(name, path.at(-1)));
}

// Suggestions at a position: {from, options} or null for none.
export function suggest(schema, text, position, dialect) {
  const tokens = statement(text, position);
  if (!tokens) return null;
  const here = tokens.find(({ from, to, isName }) => isName && from < position && to >= position);
  const from = here?.from ?? position;
  const prefix = text.slice(from, position).replace(/^["`]/, '').toLowerCase();
  const before = tokens.filter((token) => token.to <= from);
  const found = new Map();
  const add = (label, type, detail, boost, apply = quoteName(label, dialect)) => {
    if (match(label.toLowerCase(), prefix) && !found.has(type + apply)) found.set(type + apply, { label, type, detail, boost, apply });
  };
  const columns = (table, boost) => table?.columns?.forEach(({ name, type }) => add(name, 'column', type, boost));
  const used = sources(tokens.filter((token) => token !== here));
  if (before.at(-1)?.raw === '.') afterDot(schema, before, used, { add, columns });
  else anywhere(schema, before.at(-1)?.word ?? '', used, prefix, { add, columns, dialect });
  const rank = ({ label, boost }) => boost + (label.toLowerCase().startsWith(prefix) ? 40 : 0);
  const options = [...found.values()].sort((a, b) => rank(b) - rank(a)).slice(0, MOST);
  return options.length === 0 ? null : { from, options, ...(found.size > MOST ? {} : { validFor: /^["`]?[\w$]*$/ }) };
}

// Whether the letters of the prefix stand in the name in their order.
function match(name, prefix) {
  let at = 0;
  return [...prefix].every((letter) => { at = name.indexOf(letter, at) + 1; return at > 0; });
}

function afterDot(schema, before, { tables }, { add, columns }) {
  const owner = before.at(-2);
  if (!schema || !owner?.isName) return;
  const path = before.at(-3)?.raw === '.' && before.at(-4)?.isName ? [before.at(-4).name, owner.name] : [owner.name];
  const named = path.length === 1 && tables.find(({ alias, path: to }) => same(alias || to.at(-1), owner.name));
  columns(findTable(schema, named ? named.path : path), 0);
  if (path.length > 1 || named) return;
  for (const group of schema.schemas) if (same(group.name, owner.name)) group.tables.forEach(({ name, kind }) => add(name, kind, '', 0));
}

function anywhere(schema, previous, { tables, ctes }, prefix, { add, columns, dialect }) {
  const tableWanted = BEFORE_TABLE.test(previous);
  for (const name of ctes) add(name, 'table', 'in this query', tableWanted ? 9 : 2);
  if (!tableWanted) {
    for (const { alias } of tables) if (alias) add(alias, 'alias', 'alias', 4);
    if (schema) for (const { path } of tables) columns(findTable(schema, path), 8);
    for (const word of CLAUSES) if (prefix && word.startsWith(prefix)) add(word.toUpperCase(), 'keyword', '', -20, word.toUpperCase());
  }
  for (const { name: group, tables: all } of schema?.schemas ?? []) {
    const home = group === schema.default_schema;
    const lead = home ? '' : `${quoteName(group, dialect)}.`;
    if (!home) add(group, 'schema', 'schema', 0);
    for (const table of all) {
      add(table.name, table.kind, home ? table.kind : group, tableWanted ? 7 : 1, lead + quoteName(table.name, dialect));
      if (tables.length === 0 && !tableWanted && prefix.length > 1) columns(table, 0);
    }
  }
}
