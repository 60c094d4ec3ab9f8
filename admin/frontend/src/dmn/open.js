// Which decision files dmn-js opens: those of DMN 1.3. The others differ in names alone as far as it edits them, so they are
// opened under the names of 1.3, and told of.

import { plain } from '../language.js';

const MODEL = 'https://www.omg.org/spec/DMN/20191111/MODEL/';
const OTHERS = [
  ['1.1', 'http://www.omg.org/spec/DMN/20151101/dmn.xsd'],
  ['1.2', 'http://www.omg.org/spec/DMN/20180521/MODEL/'],
  ['1.4', 'https://www.omg.org/spec/DMN/20211108/MODEL/'],
  ['1.5', 'https://www.omg.org/spec/DMN/20230324/MODEL/']
];
const DRAWN = [
  ['http://www.omg.org/spec/DMN/20180521/DMNDI/', 'https://www.omg.org/spec/DMN/20191111/DMNDI/'],
  ['https://www.omg.org/spec/DMN/20211108/DMNDI/', 'https://www.omg.org/spec/DMN/20191111/DMNDI/'],
  ['https://www.omg.org/spec/DMN/20230324/DMNDI/', 'https://www.omg.org/spec/DMN/20191111/DMNDI/']
];

/** The text dmn-js is given, and the version it was in where that is another. */
export function asThirteen(text) {
  const found = OTHERS.find(([, name]) => text.includes(`"${name}"`));
  if (!found) return { text, version: '' };
  let made = text.replaceAll(`"${found[1]}"`, `"${MODEL}"`);
  for (const [from, to] of DRAWN) made = made.replaceAll(`"${from}"`, `"${to}"`);
  return { text: made, version: found[0] };
}

/** Why a file cannot be opened, as a sentence. */
export function unopened(error) {
  const said = String(error?.message ?? error).split('\n')[0].slice(0, 300);
  if (said === 'no displayable contents') {
    return plain('文件里没有可以编辑的决策。', 'There is no decision to edit in the file.');
  }
  return plain(`这不是能打开的决策文件（DMN）：${said}`, `This is no decision file (DMN) that can be opened: ${said}`);
}
