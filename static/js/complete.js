// What may come next in a statement, from the schema of its source. Everything
// here is text in, suggestions out; only loadSchema talks to the server.
import { keywords } from 'dribble/editor-look.js';

const MOST = 300; // suggestions shown at once
const loading = new Map();

// The schema behind a completion address; asked once, asked again after a failure.
export function loadSchema(url) {
  if (!url) return Promise.resolve(null);
  if (!loading.has(url)) loading.set(url, fetchSchema(url));
  return loading.get(url);
}

async function fetchSchema(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(`completion: status ${answer.status}`);
    return await answer.json();
  } catch {
    loading.delete(url);
    return null;
  }
}

const RESERVED = new Set(`all and as asc between by case check column constraint create cross default delete desc distinct drop else
 end except exists false for foreign from full group having in index inner insert intersect into is join key left like limit not null
 offset on or order primary references right select set table then to true union unique update user using values when where with`.split(/\s+/));

// A name as the dialect wants it: bare when that is safe, else quoted.
export function quoteName(name, dialect) {
  const plain = dialect === 'postgres' ? /^[a-z_][a-z0-9_$]*$/ : /^[A-Za-z_][A-Za-z0-9_]*$/;
  if (plain.test(name) && !RESERVED.has(name.toLowerCase())) return name;
  const quote = dialect === 'mysql' || dialect === 'mariadb' ? '`' : '"';
  return quote + name.replaceAll(quote, quote + quote) + quote;
}

const TOKEN = /--[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|\$(\w*)\$[^]*?(?:\$\1\$|$)|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|\s+|[^]/gu;

// Words, names and signs of the statement round a position, up to its semicolons.
function statement(text, position) {
  let tokens = [];
  for (const { 0: raw, index } of text.matchAll(TOKEN)) {
    const end = index + raw.length;
    if (raw === ';') {
      if (end > position) break;
      tokens = [];
    } else if (!/^(\s|--|\/\*)/.test(raw)) {
      const quoted = /^["`]/.test(raw);
      tokens.push({ from: index, to: end, raw, quoted, name: quoted ? raw.slice(1, -1) : raw, word: quoted ? '' : raw.toLowerCase() });
    } else if (position > index && (position < end || (raw.startsWith('--') && position === end))) {
      if (/^(--|\/\*)/.test(raw)) return null; // in a comment
    }
  }
  return tokens;
}

const isName = (token) => token !== undefined && (token.quoted || /^[\p{L}_]/u.test(token.raw));
const CLAUSES = new Set(keywords.split(/\s+/));
const AFTER_TABLE = new Set(['from', 'join', 'update', 'into', 'table']);

// Tables named in the statement: [{path: [schema, table], alias}], and its CTEs.
function sources(tokens) {
  const tables = [];
  const ctes = [];
  let inList = false;
  for (let i = 0; i < tokens.length; i++) {
    const { word, raw } = tokens[i];
    if (isName(tokens[i]) && /^(as|\()$/.test(tokens[i + 1]?.word) && (tokens[i - 1]?.word === 'with' || tokens[i - 1]?.word === 'recursive' || tokens[i - 1]?.raw === ',')) {
      if (tokens[i + 1].word === 'as' && tokens[i + 2]?.raw === '(') ctes.push(tokens[i].name);
    }
    if (AFTER_TABLE.has(word)) inList = true;
    else if (!(inList && raw === ',')) {
      if (CLAUSES.has(word)) inList = false;
      continue;
    }
    const path = [];
    let at = i + 1;
    while (isName(tokens[at]) && !CLAUSES.has(tokens[at].word)) {
      path.push(tokens[at++].name);
      if (tokens[at]?.raw !== '.') break;
      at++;
    }
    if (path.length === 0) continue;
    if (tokens[at]?.word === 'as') at++;
    const alias = isName(tokens[at]) && !CLAUSES.has(tokens[at].word) ? tokens[at].name : '';
    tables.push({ path: path.slice(-2), alias });
    i = alias ? at : at - 1;
  }
  return { tables, ctes };
}

const same = (a, b) => a.toLowerCase() === b.toLowerCase();

function findTable(schema, path) {
  const name = path.at(-1);
  const wanted = path.length > 1 ? path[0] : schema.default_schema ?? '';
  const groups = [...schema.schemas].sort((a, b) => same(b.name, wanted) - same(a.name, wanted));
  for (const group of groups) {
    if (path.length > 1 && !same(group.name, path[0])) continue;
    const found = group.tables.find((table) => same(table.name, name));
    if (found) return found;
  }
  return null;
}

// Suggestions at a position: {from, options, validFor} or null for none.
export function suggest(schema, text, position, dialect) {
  const tokens = statement(text, position);
  if (tokens === null) return null;
  const index = tokens.findIndex((token) => token.from < position && token.to >= position && isName(token));
  const here = tokens[index];
  if (tokens.some((token) => token.raw.startsWith("'") && token.from < position && token.to > position)) return null;
  const from = here ? here.from : position;
  const prefix = here ? text.slice(from, position).replace(/^["`]/, '').toLowerCase() : '';
  const before = tokens.filter((token) => token.to <= from);
  const list = new Options(prefix, dialect);
  const used = schema ? sources(tokens.filter((token) => token !== here)) : { tables: [], ctes: [] };
  if (before.at(-1)?.raw === '.') afterDot(schema, before, used, list);
  else anywhere(schema, before.at(-1)?.word ?? '', used, list);
  return list.result(from);
}

function afterDot(schema, before, { tables }, list) {
  const owner = before.at(-2);
  if (!schema || !isName(owner)) return;
  const path = before.at(-3)?.raw === '.' && isName(before.at(-4)) ? [before.at(-4).name, owner.name] : [owner.name];
  const named = path.length === 1 && tables.find(({ alias, path: to }) => same(alias || to.at(-1), owner.name));
  const table = findTable(schema, named ? named.path : path);
  if (table) list.columns(table, 0);
  const group = path.length === 1 && !named && schema.schemas.find(({ name }) => same(name, owner.name));
  if (group) for (const each of group.tables) list.add(each.name, each.kind ?? 'table', '', 0);
}

function anywhere(schema, previous, { tables, ctes }, list) {
  const wantsTable = AFTER_TABLE.has(previous);
  for (const name of ctes) list.add(name, 'table', 'in this query', wantsTable ? 9 : 2);
  for (const { alias } of tables) if (alias) list.add(alias, 'alias', 'alias', wantsTable ? -9 : 4);
  for (const { path } of wantsTable || !schema ? [] : tables) {
    const table = findTable(schema, path);
    if (table) list.columns(table, 8);
  }
  for (const group of schema?.schemas ?? []) {
    const home = group.name === schema.default_schema;
    if (!home) list.add(group.name, 'schema', 'schema', 0);
    for (const table of group.tables) {
      list.add(table.name, table.kind ?? 'table', home ? table.kind : group.name, wantsTable ? 7 : 1, home ? '' : group.name);
      if (tables.length === 0 && !wantsTable && list.prefix.length > 1) list.columns(table, 0);
    }
  }
  if (!wantsTable) for (const word of CLAUSES) if (word) list.add(word.toUpperCase(), 'keyword', '', -20, '', true);
}

// Collects what matches the prefix, each name once.
class Options {
  constructor(prefix, dialect) {
    this.prefix = prefix;
    this.dialect = dialect;
    this.found = new Map();
  }

  add(name, kind, detail, boost, schema = '', bare = false) {
    if (!this.matches(name.toLowerCase())) return;
    const key = `${kind}:${schema}:${name}`;
    if (this.found.has(key)) return;
    const quoted = bare ? name : quoteName(name, this.dialect);
    const apply = schema ? `${quoteName(schema, this.dialect)}.${quoted}` : quoted;
    this.found.set(key, { label: name, type: kind, detail: detail || undefined, boost, apply });
  }

  columns(table, boost) {
    for (const { name, type } of table.columns ?? []) this.add(name, 'column', type, boost);
  }

  matches(name) {
    let at = 0;
    for (const letter of this.prefix) {
      at = name.indexOf(letter, at) + 1;
      if (at === 0) return false;
    }
    return true;
  }

  result(from) {
    const all = [...this.found.values()].sort((a, b) => this.rank(b) - this.rank(a));
    if (all.length === 0) return null;
    const options = all.slice(0, MOST);
    return { from, options, ...(all.length > MOST ? {} : { validFor: /^["`]?[\w$]*$/ }) };
  }

  rank({ label, boost }) { return boost + (label.toLowerCase().startsWith(this.prefix) ? 40 : 0); }
}
