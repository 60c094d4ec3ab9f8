// A form as the text of its file: what nobody has touched is written as it was, down to the order of its members and the width of
// its indentation; what form-js adds by itself when it opens a form is left out.

import { plain } from '../language.js';

/** The form in a text. Throws with a sentence where it is none. */
export function parsed(text) {
  let schema;
  try {
    schema = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(plain(`这不是有效的 JSON：${error.message}`, `This is no valid JSON: ${error.message}`), { cause: error });
  }
  if (!schema || typeof schema !== 'object' || !Array.isArray(schema.components)) {
    throw new Error(plain('这不是表单：缺少 components 列表。', 'This is no form: it has no list of components.'));
  }
  return schema;
}

export class Written {
  /** original: the form of the file; imported: the same form as the editor holds it. */
  constructor(text, original, imported) {
    this.indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
    this.end = /\n\s*$/.test(text) ? '\n' : '';
    this.pairs = new Map();
    this.pair(original, imported);
  }

  pair(original, imported) {
    this.pairs.set(imported.id, { original, imported: structuredClone({ ...imported, components: undefined }) });
    if (!Array.isArray(original.components)) return;
    original.components.forEach((one, index) => {
      const other = imported.components?.[index];
      if (other) this.pair(one, other);
    });
  }

  text(schema) {
    return JSON.stringify(this.member(schema), null, this.indent) + this.end;
  }

  member(now) {
    const known = this.pairs.get(now.id);
    const found = {};
    const put = (key) => {
      found[key] = key === 'components' && Array.isArray(now[key]) ? now[key].map((one) => this.member(one)) : now[key];
    };
    for (const key of Object.keys(known?.original ?? {})) if (now[key] !== undefined) put(key);
    // The version of the schema is the author's to say, not the editor's.
    if (known && 'schemaVersion' in found) found.schemaVersion = known.original.schemaVersion;
    for (const key of Object.keys(now)) {
      if (key in found || now[key] === undefined || key === '_parent' || key === '_path') continue;
      const added = known && !(key in known.original) && (key === 'schemaVersion' || same(known.imported[key], now[key]));
      if (!added) put(key);
    }
    return found;
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
