// A file of this computer takes the place of the diagram, and the diagram becomes a file of this computer.

import { plain } from '../language.js';
import { notice } from '../modeling/notice.js';
import { importRefusal, lossLines, refusalOfText, textOf, warningLines } from './reading.js';

// Comparing what was read with what would be written takes its time in a file this large.
const COMPARED = 2_000_000;

/** open: (text) => a promise of { warnings }; read: () => a promise of the text now. */
export function filesOf({ modeler, keeper, boot, open, read, input }) {
  const name = boot.file.name.split('/').pop().replace(/\.[^.]*$/, '');

  input.addEventListener('change', async () => {
    const [file] = input.files;
    input.value = '';
    if (file) await replace(textOf(await file.arrayBuffer()), file.name);
  });

  /** Tells whether the text took the place of the diagram; where it did not, the diagram before is still there. */
  async function replace(text, from) {
    const refusal = refusalOfText(text, from);
    if (refusal) {
      notice(`${refusal} ${plain('原来的流程图没有改动。', 'The diagram is as it was.')}`, { kind: 'refused' });
      return false;
    }
    await keeper.save();
    const before = await read();
    let answer;
    try {
      answer = await open(text, { fresh: true });
    } catch (error) {
      await open(before).catch(() => {});
      tellUndrawn(importRefusal(error, from));
      return false;
    }
    const told = await remarks(text, answer.warnings);
    await keeper.replaced(before);
    notice(
      plain(`已导入“${from}”。撤销可以回到原来的图。`, `${from} was imported. Undo brings back the diagram before.`),
      { kind: told.length ? 'wait' : 'done', lines: told }
    );
    return true;
  }

  function tellUndrawn({ sentence, undrawn }) {
    notice(`${sentence} ${plain('原来的流程图没有改动。', 'The diagram is as it was.')} ${undrawn ? UNDRAWN() : ''}`, { kind: 'refused' });
  }

  /** What was not understood in a text just opened, and what the first save would lose. */
  async function remarks(text, warnings) {
    const lines = warningLines(warnings);
    if (text.length > COMPARED) return lines;
    const lost = lossLines(text, await read());
    return lost.length ? [...lines, plain('保存后会丢失：', 'Lost when it is saved:'), ...lost] : lines;
  }

  async function exportXml() {
    download(await read(), `${name}.bpmn`, 'application/xml');
  }

  async function exportSvg() {
    const { svg } = await modeler.saveSVG();
    download(svg, `${name}.svg`, 'image/svg+xml');
  }

  return { replace, remarks, exportXml, exportSvg };
}

export const UNDRAWN = () => plain(
  '请先在画它的工具里排好版再导出。',
  'Lay it out in the tool it was made with, and export it again.'
);

function download(text, name, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
